/** What the image says about itself, from os-release(5), in the form of the API's `/os`. */
import { readFile } from "node:fs/promises";
import { Fault } from "../../base/result.ts";
import type { OsInfo } from "../../settings/engine.ts";

export const OS_RELEASE = "/usr/lib/os-release";

const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** Throws `Fault("bad-os-release")`: without a version there is no telling which store is this image's. */
export async function readOsInfo(path: string = OS_RELEASE): Promise<OsInfo> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw Fault.from("bad-os-release", `Cannot read "${path}"`, cause, { path });
  }
  const values = parseOsRelease(text);
  const version = values.get("VERSION_ID") ?? "";
  if (!/^[0-9A-Za-z][0-9A-Za-z.+-]*$/.test(version)) {
    throw new Fault("bad-os-release", `Cannot use "${path}": VERSION_ID is "${version}"`, { path });
  }
  return {
    pretty_name: values.get("PRETTY_NAME") ?? "",
    variant_id: values.get("VARIANT_ID") ?? "",
    version_id: version,
    build_id: values.get("BUILD_ID") ?? "",
    arch: architectures[process.arch] ?? process.arch,
  };
}

/** The assignments of an os-release file; lines that are none are skipped, as os-release(5) has readers do. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, unquote(value));
  }
  return values;
}

function unquote(value: string): string {
  if (/^'[^']*'$/.test(value)) return value.slice(1, -1);
  const inner = /^"(.*)"$/.exec(value)?.[1];
  return (inner ?? value).replace(/\\([$"'`\\])/g, "$1");
}
