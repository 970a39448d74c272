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
    if (source === "-") return ok({ source: "standard input", text: await stdin() });
    const { protocol } = new URL(source);
    if (protocol === "file:") return ok({ source, text: await Bun.file(new URL(source)).text() });
    if (protocol !== "http:" && protocol !== "https:") throw new Error("only file:, http: and https: are read");
    const response = await fetch(source, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    if (Number(response.headers.get("content-length") ?? 0) > MAX_BYTES) throw new Error("it is larger than 1 MiB");
    return ok({ source, text: await response.text() });
  } catch (cause) {
    return fail(Fault.from("unreadable", `Cannot read "${source}"`, cause));
  }
}
