/** Fetching the documents that `apiclient apply` names, some at a time, in the order in which they were named. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type Source = { readonly source: string; readonly text: string };

const AT_ONCE = 4;
const TIMEOUT_MS = 60_000;
/** A document larger than the API takes is not worth reading to its end. */
const MAX_BYTES = 1024 * 1024;

/** All documents, or the fault of the first that could not be read; `-` is standard input. */
export async function readSources(
  sources: readonly string[],
  stdin: () => Promise<string>,
): Promise<Result<readonly Source[], "unreadable">> {
  const read: Source[] = [];
  for (let at = 0; at < sources.length; at += AT_ONCE) {
    const batch = sources.slice(at, at + AT_ONCE).map((source) => readSource(source, stdin));
    for (const result of await Promise.all(batch)) {
      if (!result.ok) return result;
      read.push(result.value);
    }
  }
  return ok(read);
}

async function readSource(source: string, stdin: () => Promise<string>): Promise<Result<Source, "unreadable">> {
  try {
    if (source === "-") return ok({ source: "standard input", text: bounded(await stdin()) });
    const url = /^[a-z][a-z0-9+.-]*:/i.test(source) ? new URL(source) : undefined;
    if (url === undefined || url.protocol === "file:") return ok({ source, text: await readFile(url ?? source) });
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error("only file:, http: and https: are read");
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return ok({ source, text: await readBody(response) });
  } catch (cause) {
    return fail(Fault.from("unreadable", `Cannot read "${source}"`, cause));
  }
}

async function readFile(place: string | URL): Promise<string> {
  const file = Bun.file(place);
  // A pipe has no size; what comes through it is bounded below.
  if (file.size > MAX_BYTES && Number.isFinite(file.size)) throw tooLarge();
  return bounded(await file.text());
}

/** The length that a server tells may be wrong, so what comes is counted. */
async function readBody(response: Response): Promise<string> {
  if (response.body === null) return "";
  const pieces: Uint8Array[] = [];
  let size = 0;
  const body: ReadableStream<Uint8Array> = response.body;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > MAX_BYTES) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function bounded(text: string): string {
  if (text.length > MAX_BYTES) throw tooLarge();
  return text;
}

function tooLarge(): Error {
  return new Error("it is larger than 1 MiB");
}
