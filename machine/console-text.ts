/**
 * What a guest wrote on its console, as plain text: firmware and kernel colour it and move the cursor.
 */

// CSI and OSC sequences, then the short two- and three-byte ones (ECMA-48; XTerm control sequences).
// oxlint-disable-next-line no-control-regex -- escape bytes are what this removes
const escapes = /\u001B(?:\[[0-9;?=!]*[A-Za-z]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[78c=>]|[()][0-9A-B])|[\r\0]/g;

/** The text without control sequences. */
export function plainText(raw: string): string {
  return raw.replaceAll(escapes, "");
}

/** The last `count` lines that say anything. */
export function lastLines(raw: string, count: number): readonly string[] {
  return plainText(raw)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-count);
}
