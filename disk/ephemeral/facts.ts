/** What disks, arrays and mounts there are. Reads only. */
import { open, readdir, readFile } from "node:fs/promises";
import { Fault } from "../../base/result.ts";
import { ARRAY, DISK_FOLDER } from "./names.ts";
import type { Disk, Facts } from "./plan.ts";
import { SIGNATURE_BYTES, type Signature, signatureOf } from "./signature.ts";

/** Paths of the ephemeral disks, sorted; none where there is not even a folder for them. */
export async function findDisks(folder: string = DISK_FOLDER): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).map((name) => `${folder}/${name}`).toSorted();
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw Fault.from("not-read", `Cannot read the folder "${folder}"`, cause);
  }
}

export async function readFacts(paths: readonly string[]): Promise<Facts> {
  const disks = await Promise.all(paths.map(async (path): Promise<Disk> => ({ path, signature: await look(path) })));
  const mounts = readMounts(await readFile("/proc/self/mountinfo", "utf8"));
  return { disks, array: await lookIfThere(ARRAY), mounts };
}

/** Mount point → type, of proc_pid_mountinfo(5). */
export function readMounts(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      return [before.split(" ")[4] ?? "", after.split(" ")[0] ?? ""] as const;
    }),
  );
}

/** An array that could not be brought up leaves a device behind that holds nothing: it does not count. */
async function lookIfThere(path: string): Promise<Signature | undefined> {
  try {
    return signatureUnlessEmpty(await firstBytes(path));
  } catch (thrown) {
    if (thrown instanceof Fault && isMissing(thrown.cause)) return undefined;
    throw thrown;
  }
}

function signatureUnlessEmpty(bytes: Uint8Array): Signature | undefined {
  return bytes.length === 0 ? undefined : signatureOf(bytes);
}

async function look(path: string): Promise<Signature> {
  return signatureOf(await firstBytes(path));
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const { buffer, bytesRead } = await file.read(new Uint8Array(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw Fault.from("not-read", `Cannot read "${path}"`, cause);
  }
}

/** A link of an array that is no longer there leads nowhere, or to a device without anything behind it. */
function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENXIO");
}
