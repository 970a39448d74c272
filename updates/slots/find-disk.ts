/**
 * Where the OS disk is: the device under `/` is a device-mapper device (dm-verity), its lower devices in sysfs are
 * partitions, and those lie on one disk (contracts §12.3; kernel Documentation/ABI/stable/sysfs-block). Reads only.
 */
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault, fail, ok, reason, type Result } from "../../base/result.ts";
import { deviceNumber } from "../../disk/gpt/file-device.ts";

export type FindOptions = {
  /** Where sysfs is; default `/sys`. */
  readonly sys?: string | undefined;
  /** `MAJOR:MINOR` of the device that `/` is on; default: what stat(2) says. */
  readonly rootDevice?: string | undefined;
};

export type OsDisk = {
  /** Device node, e.g. `/dev/vda`. */
  readonly path: string;
  /** Numbers of the partitions that carry the running root: its ROOT and its HASH. */
  readonly partitions: readonly number[];
};

export type FindFault = "no-os-disk";

/** Device-mapper devices may stand on one another; more than this is not how the image is built. */
const MAX_DEPTH = 4;

type Lower = { readonly disk: string; readonly number: number };

/** The disk that the running root comes from. */
export async function findOsDisk(options: FindOptions = {}): Promise<Result<OsDisk, FindFault>> {
  const sys = options.sys ?? "/sys";
  try {
    const root = options.rootDevice ?? deviceNumber((await stat("/", { bigint: true })).dev);
    const folder = await realpath(join(sys, "dev/block", root)).catch(() => undefined);
    if (folder === undefined) return refuse(`"/" is on device ${root}, which is no block device`);
    if ((await entries(join(folder, "slaves"))).length === 0) {
      return refuse(`"/" is on ${basename(folder)}, which stands on no other device; wanted a dm-verity device`);
    }
    const lower = await lowerPartitions(folder, 0);
    const [disk, ...others] = new Set(lower.map((each) => each.disk));
    if (disk === undefined || others.length > 0) return refuse(`"/" is spread over ${others.length + 1} disks`);
    const numbers = lower.map((each) => each.number).sort((a, b) => a - b);
    return ok({ path: join("/dev", await nodeName(disk)), partitions: [...new Set(numbers)] });
  } catch (thrown) {
    return refuse(reason(thrown));
  }
}

async function lowerPartitions(folder: string, depth: number): Promise<readonly Lower[]> {
  const names = await entries(join(folder, "slaves"));
  const all = await Promise.all(
    names.map(async (name): Promise<readonly Lower[]> => {
      const below = await realpath(join(folder, "slaves", name));
      const number = await readFile(join(below, "partition"), "utf8").catch(() => undefined);
      if (number !== undefined) return [{ disk: dirname(below), number: Number(number.trim()) }];
      const further = depth < MAX_DEPTH ? await lowerPartitions(below, depth + 1) : [];
      if (further.length === 0) throw new Error(`"${name}" below "/" is no partition`);
      return further;
    }),
  );
  return all.flat();
}

/** The name below `/dev`, which is not always that of the folder in sysfs. */
async function nodeName(folder: string): Promise<string> {
  const line = (await readFile(join(folder, "uevent"), "utf8")).split("\n").find((each) => each.startsWith("DEVNAME="));
  if (line === undefined) throw new Error(`"${folder}" has no device node`);
  return line.slice("DEVNAME=".length);
}

async function entries(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

function refuse(why: string): Result<never, FindFault> {
  return fail(new Fault("no-os-disk", `Cannot find the OS disk: ${why}`));
}
