/**
 * What units of bootstrap containers read: an environment file each, user data on DATA, and links that say which are to
 * run. Run whenever a setting changed, so what it makes is always for the next boot: nothing is started here.
 */
import { chmod, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, writeFileDurable } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { BootstrapContainer } from "./configuration.ts";

const ENVIRONMENT = "etc/bootstrap-containers";
const PERSISTENT = "local/bootstrap-containers";
/** Read when systemd is told to read its units again, which happens once in a boot, just before they are run. */
const WANTS = "run/systemd/system/bootstrap-containers.target.wants";
const UNIT = "/usr/lib/systemd/system/bootstrap-containers@.service";
const USER_DATA = "user-data";

export function unitOf(name: string): string {
  return `bootstrap-containers@${name}.service`;
}

/** Whether it is to be run at this boot. One without a source cannot be, and is told as such. */
export function isWanted(container: BootstrapContainer): container is BootstrapContainer & { readonly source: string } {
  return container.mode !== "off" && container.source !== undefined;
}

/** Makes it all as `containers` say, below `root`; false when one of them could not be made. The others are. */
export async function createContainers(
  containers: readonly BootstrapContainer[],
  { root, log }: { readonly root: string; readonly log: Log },
): Promise<boolean> {
  const wanted = containers.filter(isWanted);
  await removeStale(root, wanted);
  let good = true;
  for (const container of containers) {
    if (container.mode !== "off" && container.source === undefined) {
      log.error(`Cannot run the bootstrap container "${container.name}": it has no source`, { mode: container.mode });
      good = false;
    }
  }
  for (const container of wanted) {
    try {
      await create(container, root);
      log.info("A bootstrap container is set up for the next boot", { name: container.name, mode: container.mode });
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      log.error(`Cannot set up the bootstrap container "${container.name}"`, { problem: thrown.message });
      good = false;
    }
  }
  return good;
}

/** User data first, and the link last: what is linked can be run. */
async function create({ name, source, mode, userData }: BootstrapContainer, root: string): Promise<void> {
  const folder = join(root, PERSISTENT, name);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    if (userData === undefined) {
      await rm(join(folder, USER_DATA), { force: true });
      await syncFolder(folder);
    } else {
      await writeFileDurable(join(folder, USER_DATA), Buffer.from(userData, "base64"), { mode: 0o600 });
    }
    const environment = `CTR_SOURCE=${source}\nCTR_MODE=${mode}\n`;
    const path = join(root, ENVIRONMENT, `${name}.env`);
    await writeFileDurable(path, environment, { mode: 0o600, parents: true });
    await mkdir(join(root, WANTS), { recursive: true });
    await rm(join(root, WANTS, unitOf(name)), { force: true });
    await symlink(UNIT, join(root, WANTS, unitOf(name)));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw Fault.from("not-made", `Cannot make what the unit "${unitOf(name)}" needs`, cause);
  }
}

/** Links and environment files of containers that are no longer to run. Their data stays: it may be all there is of it. */
async function removeStale(root: string, wanted: readonly BootstrapContainer[]): Promise<void> {
  const units = new Set(wanted.map(({ name }) => unitOf(name)));
  const environments = new Set(wanted.map(({ name }) => `${name}.env`));
  for (const name of await namesIn(join(root, WANTS))) {
    if (!units.has(name)) await rm(join(root, WANTS, name), { force: true });
  }
  for (const name of await namesIn(join(root, ENVIRONMENT))) {
    if (name.endsWith(".env") && !environments.has(name)) await rm(join(root, ENVIRONMENT, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw Fault.from("not-read", `Cannot read the folder "${folder}"`, cause);
  }
}
