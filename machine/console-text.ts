/**
 * What a guest wrote on its console, as plain text: firmware and kernel colour it and move the cursor, and nothing that
 * a guest writes may steer the terminal of who reads it.
 */

// CSI and OSC sequences, then the short two- and three-byte ones (ECMA-48; XTerm control sequences), then control
// characters other than tab and newline.
// oxlint-disable no-control-regex -- control characters are what these find
const escapes =
  /\u001B(?:\[[0-9;?=!]*[A-Za-z]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[78c=>]|[()][0-9A-B])|[\0-\u0008\u000B-\u001F\u007F-\u009F]/g;
/** A sequence at the end that may go on in the next piece. */
const unfinished = /\u001B(?:\[[0-9;?=!]*|\][^\u0007\u001B]*\u001B?|[()]?)$/;
// oxlint-enable no-control-regex

/** Longer than any sequence that is waited for. */
const longest = 256;

/** The text without control sequences. */
export function plainText(raw: string): string {
  return raw.replaceAll(escapes, "");
}

/** `plainText` for text that comes in pieces: a sequence that two pieces share is taken out as well. */
export function plainTextStream(): (piece: Uint8Array) => string {
  const decoder = new TextDecoder();
  let kept = "";
  return (piece) => {
    const text = kept + decoder.decode(piece, { stream: true });
    const tail = unfinished.exec(text)?.[0] ?? "";
    kept = tail.length > longest ? "" : tail;
    return plainText(text.slice(0, text.length - kept.length));
  };
}

/** The last `count` lines that say anything. */
export function lastLines(raw: string, count: number): readonly string[] {
  return plainText(raw)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-count);
}
