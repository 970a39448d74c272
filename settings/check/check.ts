/**
 * Checking a settings document before a machine sees it: the machine's own code judges it, and every problem gets its
 * line and column. TOML, or JSON with the same form; packed as user data may be.
 */
import type { Problem } from "../fault.ts";
import { decodeSettings } from "../model/decode.ts";
import { checkDocument, decodeDocument, type Document, plainText } from "../user-data/document.ts";
import { MAX_USER_DATA_BYTES } from "../user-data/read.ts";
import { jsonPositions } from "./json-positions.ts";
import { nearestPosition, type Position } from "./position.ts";
import { tomlPositions } from "./toml-positions.ts";

/** Line and column count from 1; those of a packed document are of what was in it. */
export type PlacedProblem = Problem & Position;

export type CheckOptions = {
  /** The variant that it is for; without it the settings of every variant are taken. */
  readonly variant?: string | undefined;
};

const START: Position = { line: 1, column: 1 };

/** All problems in the order of their places; none for a document that a machine takes. */
export async function checkSettings(bytes: Uint8Array, options: CheckOptions = {}): Promise<readonly PlacedProblem[]> {
  const plain = await plainText(bytes, MAX_USER_DATA_BYTES);
  if (!("text" in plain)) return plain.problems.map((problem) => ({ ...problem, ...START }));
  const text = plain.text.replace(/^\uFEFF/, "");
  const problems = text.trimStart().startsWith("{") ? checkJson(text, options) : await checkToml(text, options);
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function checkJson(text: string, options: CheckOptions): readonly PlacedProblem[] {
  const { positions, flecks } = jsonPositions(text);
  const own = flecks.map(({ position, path, message }) => ({ path, message, ...position }));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return own.length > 0 ? own : [{ path: "document", message: "is not JSON", ...START }]; // places are in `flecks`
  }
  const problems = judge(checkDocument(value), options);
  return [
    ...own,
    ...problems.map((problem) => ({ ...problem, ...(nearestPosition(positions, problem.path) ?? START) })),
  ];
}

async function checkToml(text: string, options: CheckOptions): Promise<readonly PlacedProblem[]> {
  const problems = judge(await decodeDocument(Buffer.from(text), MAX_USER_DATA_BYTES), options);
  const positions = tomlPositions(text);
  return problems.map((problem) => {
    const [, line, column] = /^line (\d+), column (\d+)$/.exec(problem.path) ?? [];
    if (line !== undefined) return { ...problem, path: "document", line: Number(line), column: Number(column) };
    return { ...problem, ...(nearestPosition(positions, problem.path) ?? START) };
  });
}

/** Settings are judged also where something stands beside them; what TOML alone can say is told once. */
function judge({ settings, problems }: Document, { variant }: CheckOptions): readonly Problem[] {
  const told = new Set(problems.map(({ path }) => path));
  const found = settings === undefined ? [] : decodeSettings(settings, { variant }).problems;
  return [...problems, ...found.filter(({ path }) => !told.has(path))];
}
