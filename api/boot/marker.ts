/** The marker of user data having been read: with it, a later boot leaves user data alone. Contracts section 7.1. */
import { access } from "node:fs/promises";
import { writeFileDurable } from "../../base/durable.ts";
import { Fault } from "../../base/result.ts";

export const DEFAULT_MARKER = "/var/lib/sparkler/early-boot-config.ran";

export async function hasMarker(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return false;
    // Taking it for absent would read user data again, over what was set since.
    throw Fault.from("no-marker", `Cannot look for "${path}"`, cause, { path });
  }
}

export async function writeMarker(path: string): Promise<void> {
  await writeFileDurable(path, "", { parents: true });
}
