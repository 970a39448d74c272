/** Where the members of a JSON document stand, what is no JSON in it, and members that are given twice. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { shownPath } from "../model/problem.ts";
import { type Position, positionAt, type Positions } from "./position.ts";

export type Fleck = { readonly position: Position; readonly path: string; readonly message: string };

/** `flecks` are what JSON.parse would stumble over or pass over without a word. */
export function jsonPositions(text: string): { readonly positions: Positions; readonly flecks: readonly Fleck[] } {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const found: Found = { text, positions: new Map(), flecks: [] };
  for (const { error, offset } of errors) {
    const message = `is not JSON: ${words(printParseErrorCode(error))}`;
    found.flecks.push({ position: positionAt(text, offset), path: "document", message });
  }
  if (tree !== undefined) addValue(found, [], "", tree);
  return found;
}

type Found = { readonly text: string; readonly positions: Map<string, Position>; readonly flecks: Fleck[] };

function addValue(found: Found, path: readonly string[], shown: string, node: Node): void {
  const { text, positions, flecks } = found;
  for (const [index, child] of (node.children ?? []).entries()) {
    if (node.type === "array") {
      const name = `${shown}[${index}]`;
      positions.set(name, positionAt(text, child.offset));
      addValue(found, path, name, child);
      continue;
    }
    const [key, value] = child.children ?? [];
    const below = [...path, String(key?.value)];
    const name = shownPath(below);
    const position = positionAt(text, child.offset);
    if (positions.has(name)) flecks.push({ position, path: name, message: "is given twice" });
    positions.set(name, position);
    if (value !== undefined) addValue(found, below, name, value);
  }
}

/** The parser's code, such as `CommaExpected`, as words. */
function words(code: string): string {
  return code.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}
