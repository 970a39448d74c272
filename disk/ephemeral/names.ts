/**
 * Names of ephemeral storage: where its disks are found, what may be put on it, and where that then is. Contracts
 * section 6.8. The one place that makes paths of them. Pure.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

/** Made by udev: a link per disk that the platform gives for as long as the machine runs. */
export const DISK_FOLDER = "/dev/disk/ephemeral";
/** Several disks become this one. */
export const ARRAY = "/dev/md/ephemeral";
/** Where the file system is mounted. */
export const MOUNT = "/mnt/.ephemeral";
/** The file system's label, by which it is known again. */
export const LABEL = "ephemeral";

export const FILE_SYSTEMS = ["xfs", "ext4"] as const;
export type FileSystem = (typeof FILE_SYSTEMS)[number];

export type EphemeralFault =
  | "unknown-disk"
  | "unknown-folder"
  | "nothing-named"
  | "not-initialised"
  | "disk-busy"
  | "not-read"
  | "tool-failed";

/** Pattern of variants → folders that may be put on ephemeral storage there. */
const folders: Readonly<Record<string, readonly string[]>> = {
  "": ["/var/lib/containerd", "/var/lib/host-containerd"],
  "-k8s-": ["/var/lib/kubelet", "/var/log/pods"],
  "-ecs-": ["/var/lib/docker", "/var/log/ecs"],
};

/** What may be bound on a variant; on any, when none is given. */
export function allowedFolders(variant?: string): readonly string[] {
  return Object.entries(folders)
    .filter(([part]) => variant === undefined || variant.includes(part))
    .flatMap(([, paths]) => paths);
}

/** `/var/lib/kubelet` is kept in `._var_lib_kubelet` of the file system. */
export function storedAt(folder: string): string {
  return `${MOUNT}/.${folder.replaceAll("/", "_")}`;
}

/** The folders without repetition, or which of them are not among `allowed`. */
export function checkFolders(
  targets: readonly string[],
  allowed: readonly string[],
): Result<readonly string[], EphemeralFault> {
  if (targets.length === 0) return fail(new Fault("nothing-named", "Cannot bind: no folder is named"));
  const unknown = targets.filter((target) => !allowed.includes(target));
  if (unknown.length === 0) return ok([...new Set(targets)]);
  const shown = unknown.map((each) => JSON.stringify(each)).join(", ");
  return fail(new Fault("unknown-folder", `Cannot bind ${shown}: there are: ${allowed.join(", ")}`));
}

/** The disks that are meant, as paths below `DISK_FOLDER`: those named, by path or by last part, or all there are. */
export function chooseDisks(
  named: readonly string[] | undefined,
  found: readonly string[],
): Result<readonly string[], EphemeralFault> {
  if (named === undefined || named.length === 0) return ok(found);
  const paths = named.map((name) => (name.startsWith("/") ? name : `${DISK_FOLDER}/${name}`));
  const unknown = paths.filter((path) => !found.includes(path));
  if (unknown.length === 0) return ok([...new Set(paths)].toSorted());
  const has = found.length === 0 ? "there are none" : `there are: ${found.join(", ")}`;
  const shown = unknown.map((each) => JSON.stringify(each)).join(", ");
  return fail(new Fault("unknown-disk", `Cannot use ${shown} as ephemeral storage: ${has}`));
}
