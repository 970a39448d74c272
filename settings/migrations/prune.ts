/** Stores of versions that a machine no longer goes back to. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import { backupPath } from "../store/backup.ts";
import { companions, storeFileName, versionsIn } from "../store/files.ts";

/** A machine has two sets; with a version between them that was updated over, three are worth keeping. */
const OTHERS_KEPT = 3;

/** Removes all stores but those of `keep` and of the other versions that were written to last. */
export async function pruneStores(folder: string, keep: readonly string[], log: Log): Promise<void> {
  const others = versionsIn(await readdir(folder)).filter((version) => !keep.includes(version));
  const dated = await Promise.all(
    others.map(async (version) => ({ version, at: (await stat(join(folder, storeFileName(version)))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.at - a.at).slice(OTHERS_KEPT);
  for (const { version } of old) {
    const path = join(folder, storeFileName(version));
    await rm(backupPath(path), { force: true });
    for (const end of ["", ...companions]) await rm(`${path}${end}`, { force: true });
    log.info("The settings of an old version are dropped", { version });
  }
  if (old.length > 0) await syncFolder(folder);
}
