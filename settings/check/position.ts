/** Where in a text something stands. */

/** Both count from 1; a column is a UTF-16 unit, as editors count. */
export type Position = { readonly line: number; readonly column: number };

/** Path as problems name it → where its key stands, or its value where it is a member of a list. */
export type Positions = ReadonlyMap<string, Position>;

/** From an offset in a text to line and column. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

/** The position of a path, or of the nearest thing around it that has one. */
export function nearestPosition(positions: Positions, path: string): Position | undefined {
  for (let at = path; at !== ""; at = around(at)) {
    const found = positions.get(at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function around(path: string): string {
  const cut = path.replace(/(?:\[\d+\]|(?:^|\.)(?:"[^"]*"|[^."[\]]*))$/, "");
  return cut === path ? "" : cut;
}
