/**
 * User data that was put into a drive: a NoCloud volume (label `cidata`, file `user-data`), or the CD-ROM of an OVF
 * machine. Contracts section 7.1. Every disk but the one that the system was started from is looked at, and its partitions.
 */
import { readdir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { Fault, reason } from "../../../base/result.ts";
import { readFat } from "./fat.ts";
import { readIso9660 } from "./iso9660.ts";
import { readOvfEnvironment } from "./ovf.ts";
import { FileSource, type Volume, type VolumeFile } from "./source.ts";

/** What was found in a drive: the bytes of a document, or what is wrong with it. */
export type DriveData = { readonly source: string } & (
  | { readonly bytes: Uint8Array; readonly problem?: undefined }
  | { readonly problem: string }
);

const NO_CLOUD = "cidata";
const PLAIN = "user-data";
const OVF_NAMES = ["ovf-env.xml", "OVF-ENV.XML", "ovf_env.xml", "OVF_ENV.XML"];
const NAMES = [PLAIN, ...OVF_NAMES];
/** Devices of the kernel's own making hold nothing that somebody put into a drive. */
const VIRTUAL = /^(ram|loop|dm-|zram|md|nbd)/;
const MAX_DEVICES = 64;

/** Documents of all drives, those of CD-ROMs before those of NoCloud volumes, by device. */
export async function readDrives(root: string, maxBytes: number): Promise<readonly DriveData[]> {
  const found: { readonly noCloud: boolean; readonly data: DriveData }[] = [];
  for (const device of await candidates(root)) {
    const read = await readDevice(join(root, "dev", device), device, maxBytes);
    if (read !== undefined) found.push(read);
  }
  return [...found.filter(({ noCloud }) => !noCloud), ...found.filter(({ noCloud }) => noCloud)].map(
    ({ data }) => data,
  );
}

/** Names of block devices that are not of the disk that was started, sorted. */
async function candidates(root: string): Promise<readonly string[]> {
  const names = await readdir(join(root, "sys/class/block")).catch(() => []); // a machine without any
  const started = basename(await realpath(join(root, "dev/sparkler/disk")).catch(() => ""));
  const own = (name: string): boolean => started !== "" && new RegExp(`^${started}(p?\\d+)?$`).test(name);
  return names
    .filter((name) => !VIRTUAL.test(name) && !own(name))
    .sort()
    .slice(0, MAX_DEVICES);
}

async function readDevice(
  path: string,
  device: string,
  maxBytes: number,
): Promise<{ readonly noCloud: boolean; readonly data: DriveData } | undefined> {
  const source = await FileSource.open(path).catch(() => undefined); // an empty drive cannot be opened
  if (source === undefined) return undefined;
  await using open = source;
  try {
    const volume = (await readIso9660(open)) ?? (await readFat(open));
    if (volume === undefined) return undefined;
    const noCloud = volume.label.toLowerCase() === NO_CLOUD;
    const file = chooseFile(volume, noCloud);
    if (file === undefined) return undefined;
    const where = `${noCloud ? "volume" : "CD-ROM"} ${device}: ${file.name}`;
    return { noCloud, data: await readDocument(file, where, maxBytes) };
  } catch (thrown) {
    // A drive that cannot be read is none of ours, unless what could be read of it says otherwise.
    if (!(thrown instanceof Fault)) return undefined;
    return { noCloud: false, data: { source: `volume ${device}`, problem: thrown.message } };
  }
}

/** Exactly one of the names may be there. Throws `Fault("malformed")` for more. */
function chooseFile({ files }: Volume, noCloud: boolean): VolumeFile | undefined {
  const names = noCloud ? [PLAIN] : NAMES;
  const found = files.filter(({ name }) => names.includes(name));
  if (found.length <= 1) return found[0];
  const list = found.map(({ name }) => `"${name}"`).join(", ");
  throw new Fault("malformed", `Cannot choose between ${list}: exactly one may be there`);
}

async function readDocument(file: VolumeFile, source: string, maxBytes: number): Promise<DriveData> {
  if (file.size > maxBytes) return { source, problem: `must have ${maxBytes} bytes at most` };
  try {
    const bytes = await file.read();
    if (!OVF_NAMES.includes(file.name)) return { source, bytes };
    const inside = await readOvfEnvironment(bytes);
    if (!inside.ok) return { source, problem: inside.fault.message };
    return { source, bytes: inside.value ?? new Uint8Array() };
  } catch (thrown) {
    return { source, problem: `cannot be read: ${reason(thrown)}` };
  }
}
