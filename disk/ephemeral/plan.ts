/** What is to be done for ephemeral storage, as steps that can be printed and compared. Contracts section 6.8. Pure. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import { ARRAY, type EphemeralFault, type FileSystem, LABEL, MOUNT, storedAt } from "./names.ts";
import type { Signature } from "./signature.ts";

export type Step =
  | { readonly kind: "run"; readonly why: string; readonly argv: readonly [string, ...string[]] }
  | { readonly kind: "folder"; readonly path: string };

export type Disk = {
  /** Its path below the folder of ephemeral disks. */
  readonly path: string;
  readonly signature: Signature;
};

export type Facts = {
  /** The disks that are meant. */
  readonly disks: readonly Disk[];
  /** What is on the array, where it runs. */
  readonly array: Signature | undefined;
  /** Everything that is mounted: mount point → file system's type. */
  readonly mounts: ReadonlyMap<string, string>;
};

const MDADM = "/usr/sbin/mdadm";
const MOUNT_PROGRAM = "/usr/bin/mount";

/** Data are striped, in pieces of this many KiB. */
const CHUNK = "--chunk=256";

/** Makes one formatted device of the disks; what is there already is left as it is. */
export function planInit(facts: Facts, type: FileSystem): Result<readonly Step[], EphemeralFault> {
  const [first, ...more] = facts.disks;
  if (first === undefined) return ok([]);
  const several = more.length > 0;
  const device = several ? ARRAY : first.path;
  const steps = several ? arraySteps(facts) : singleSteps(first);
  const found = several ? facts.array : first.signature;
  const restarted = several && facts.array === undefined && isOneArray(facts.disks);
  // What an array that is yet to be assembled holds is seen only then: planned again by who carries this out.
  if (restarted) return ok(steps);
  if (found?.kind === "file-system" && found.type === type) return ok(steps);
  const mounted = facts.mounts.get(MOUNT);
  if (mounted !== undefined) {
    const what = `Cannot make ${type} of ${device}: it is in use as ${mounted}`;
    return fail(new Fault("disk-busy", `${what}; it can be made anew before anything is bound, after a reboot`));
  }
  return ok([...steps, format(device, type)]);
}

function arraySteps({ disks, array }: Facts): readonly Step[] {
  if (array !== undefined) return [];
  const paths = disks.map(({ path }) => path);
  if (isOneArray(disks)) {
    return [{ kind: "run", why: "assemble the array", argv: [MDADM, "--assemble", "--run", ARRAY, ...paths] }];
  }
  const how = ["--create", "--force", "--run", "--verbose", "--homehost=any", ARRAY, "--level=0", CHUNK];
  const which = ["--name", LABEL, "--raid-devices", String(paths.length), ...paths];
  return [{ kind: "run", why: "make one array of the disks", argv: [MDADM, ...how, ...which] }];
}

/** The array that a disk was once part of would be taken for what is on it. */
function singleSteps({ path, signature }: Disk): readonly Step[] {
  if (signature.kind !== "member") return [];
  return [{ kind: "run", why: "forget an array", argv: [MDADM, "--zero-superblock", path] }];
}

/** Whether the disks are all of one array of ours; made anew otherwise, as what a power cut left in its midst is. */
export function isOneArray(disks: readonly Disk[]): boolean {
  const arrays = disks.map(({ signature }) => (signature.kind === "member" ? signature : undefined));
  const [first] = arrays;
  if (first === undefined || !/^(?:[^:]*:)?ephemeral$/.test(first.name)) return false;
  return arrays.every((each) => each?.array === first.array);
}

function format(device: string, type: FileSystem): Step {
  const argv: readonly [string, ...string[]] =
    type === "xfs"
      ? ["/usr/sbin/mkfs.xfs", "-f", "-q", "-L", LABEL, device]
      : ["/usr/sbin/mke2fs", "-t", "ext4", "-F", "-q", "-L", LABEL, device];
  return { kind: "run", why: `make a file system, ${type}`, argv };
}

/** Mounts the storage and puts folders on it; what is mounted already is left as it is. */
export function planBind(facts: Facts, folders: readonly string[]): Result<readonly Step[], EphemeralFault> {
  const device = initialised(facts);
  if (!device.ok) return device;
  const { path, type } = device.value;
  const mount: readonly Step[] = facts.mounts.has(MOUNT)
    ? []
    : [
        { kind: "folder", path: MOUNT },
        {
          kind: "run",
          why: "mount the storage",
          argv: [MOUNT_PROGRAM, "-t", type, "-o", "nosuid,nodev,noatime", path, MOUNT],
        },
      ];
  const binds = folders
    .filter((folder) => !facts.mounts.has(folder))
    .flatMap((folder): readonly Step[] => [
      { kind: "folder", path: storedAt(folder) },
      { kind: "folder", path: folder },
      { kind: "run", why: `bind ${folder}`, argv: [MOUNT_PROGRAM, "--rbind", storedAt(folder), folder] },
    ]);
  const shares = folders.map((folder): Step => ({
    kind: "run",
    why: `share ${folder}`,
    argv: [MOUNT_PROGRAM, "--make-rshared", folder],
  }));
  return ok([...mount, ...binds, ...shares]);
}

type Initialised = { readonly path: string; readonly type: FileSystem };

function initialised({ disks, array }: Facts): Result<Initialised, EphemeralFault> {
  const candidates = [...(array === undefined ? [] : [{ path: ARRAY, signature: array }]), ...disks];
  for (const { path, signature } of candidates) {
    if (signature.kind === "file-system" && signature.label === LABEL) return ok({ path, type: signature.type });
  }
  const has = disks.length === 0 ? "there are no disks for it" : "it is not initialised";
  return fail(new Fault("not-initialised", `Cannot bind to ephemeral storage: ${has}`));
}
