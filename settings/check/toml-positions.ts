/** Where the keys of a TOML document stand. Its values are read by the parser that the machine has; this is for places only. */
import { type AST, parseTOML } from "toml-eslint-parser";
import { shownPath } from "../model/problem.ts";
import type { Position, Positions } from "./position.ts";

/** Empty for a text that is not TOML: the parser of the values says what is wrong there. */
export function tomlPositions(text: string): Positions {
  const found = new Map<string, Position>();
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text, { tomlVersion: "1.0" });
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return found;
  }
  for (const node of program.body[0].body) {
    if (node.type === "TOMLKeyValue") addPair(found, [], node);
    else {
      const table = node.resolvedKey.map(String);
      addKey(found, [], node.key);
      for (const pair of node.body) addPair(found, table, pair);
    }
  }
  return found;
}

function addPair(found: Map<string, Position>, above: readonly string[], pair: AST.TOMLKeyValue): void {
  const path = addKey(found, above, pair.key);
  addValue(found, path, shownPath(path), pair.value);
}

/** Every step of a dotted key, unless it has a place of its own already. */
function addKey(found: Map<string, Position>, above: readonly string[], key: AST.TOMLKey): readonly string[] {
  let path = above;
  for (const step of key.keys) {
    path = [...path, step.type === "TOMLBare" ? step.name : step.value];
    const name = shownPath(path);
    if (!found.has(name)) found.set(name, placeOf(step));
  }
  return path;
}

function addValue(
  found: Map<string, Position>,
  path: readonly string[],
  shown: string,
  value: AST.TOMLContentNode,
): void {
  if (value.type === "TOMLInlineTable") for (const pair of value.body) addPair(found, path, pair);
  if (value.type !== "TOMLArray") return;
  for (const [index, element] of value.elements.entries()) {
    const name = `${shown}[${index}]`;
    found.set(name, placeOf(element));
    addValue(found, path, name, element);
  }
}

function placeOf({ loc }: AST.TOMLNode): Position {
  return { line: loc.start.line, column: loc.start.column + 1 };
}
