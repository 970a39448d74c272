/**
 * One user data document: TOML, as it is, in base64, gzip-compressed, or both, with a `[settings]` table and nothing
 * beside it. What TOML can
 * say and JSON cannot is refused, since it would change or vanish on the way to the API.
 */
import { reason } from "../../base/result.ts";
import type { Problem } from "../fault.ts";
import { shownPath, shownValue } from "../model/problem.ts";
import { isTree } from "../tree.ts";

export type Document = {
  /** Not to be taken where there are problems. Undefined for an empty document, and where there are none. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly problems: readonly Problem[];
};

const SETTINGS = "settings";
const CLOUD_CONFIG = "is for cloud-init, which is not here; wanted is TOML with the table [settings]";

export async function decodeDocument(bytes: Uint8Array, maxBytes: number): Promise<Document> {
  const plain = await plainText(bytes, maxBytes);
  if (!("text" in plain)) return plain;
  const { text } = plain;
  if (text.trim() === "") return { problems: [] };
  if (text.startsWith("#cloud-config")) return refused("document", CLOUD_CONFIG);
  const { parse, TomlError } = await import("smol-toml");
  let document: unknown;
  try {
    document = parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const why = cause.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
    return refused(`line ${cause.line}, column ${cause.column}`, `is not TOML: ${why}`);
  }
  return checkDocument(document);
}

/** The text of a document, unpacked. */
export async function plainText(bytes: Uint8Array, maxBytes: number): Promise<{ readonly text: string } | Document> {
  const plain = await unpack(fromBase64(bytes), maxBytes);
  if (typeof plain === "string") return refused("document", plain);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(plain) };
  } catch {
    return refused("document", "must be text in UTF-8"); // the decoder says no more than that
  }
}

/**
 * Base64 is known by its letters: a document of ours has the brackets of `[settings]`, which are none of them.
 */
function fromBase64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1").replaceAll(/\s/g, "");
  if (text === "" || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return bytes;
  return Buffer.from(text, "base64");
}

async function unpack(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | string> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const { gunzipSync } = await import("node:zlib");
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    if (cause.code === "ERR_BUFFER_TOO_LARGE") return `must have ${maxBytes} bytes at most when unpacked`;
    return `is not gzip: ${reason(cause)}`;
  }
}

/** What a document says beside its settings, and what JSON cannot say. */
export function checkDocument(document: unknown): Document {
  if (!isTree(document)) return refused("document", "must be a table");
  const problems: Problem[] = [];
  for (const name of Object.keys(document)) {
    if (name === SETTINGS) continue;
    problems.push({ path: shownPath([name]), message: "is not known; settings stand in the table [settings]" });
  }
  const settings = Object.hasOwn(document, SETTINGS) ? document[SETTINGS] : undefined;
  if (settings === undefined) problems.push({ path: SETTINGS, message: "is missing; the table [settings] is wanted" });
  else if (isTree(settings)) problems.push(...inexpressible([SETTINGS], settings));
  else problems.push({ path: SETTINGS, message: `must be a table, got ${shownValue(settings)}` });
  return isTree(settings) ? { settings, problems } : { problems };
}

function inexpressible(at: readonly string[], value: unknown, place = ""): readonly Problem[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => inexpressible(at, each, `${place}[${index}]`));
  if (isTree(value))
    return Object.entries(value).flatMap(([name, member]) => inexpressible([...at, name], member, place));
  const path = `${shownPath(at)}${place}`;
  if (value instanceof Date) return [{ path, message: "must not be a date; a text stands in quotes" }];
  if (typeof value !== "number" || Number.isFinite(value)) return [];
  return [{ path, message: `must not be ${value}` }];
}

function refused(path: string, message: string): Document {
  return { problems: [{ path, message }] };
}
