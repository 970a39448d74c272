/**
 * `kernel-lockdown`: raises the kernel's lockdown to the level in /etc/sparkler/lockdown. Contracts section 9.1. The kernel
 * takes no way down: at that level or above there is nothing to do, and going down is a matter of the next boot.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, stringOption } from "../../base/command.ts";
import { Fault, fail, ok, orThrow, type Result } from "../../base/result.ts";
import { isBelow, LOCKDOWN_FILE, lockdownIn } from "../services/kernel.ts";
import { LOCKDOWN_LEVELS, type Lockdown } from "../types/lockdown.ts";

const FILE = "/etc/sparkler/lockdown";

export const command: Command = {
  name: "kernel-lockdown",
  summary: `Raise the kernel's lockdown to the level in ${FILE}.`,
  options: { root: { type: "string", value: "FOLDER", summary: "Treat this folder as /" } },
  async run({ options, log }) {
    const raised = orThrow(await raiseLockdown(stringOption(options, "root") ?? "/"));
    if (raised === undefined) log.info("The kernel's lockdown is as wanted");
    else log.info("The kernel's lockdown is raised", { level: raised });
    return 0;
  },
};

/** The level that it was raised to, or undefined when it was there or above. */
export async function raiseLockdown(root: string): Promise<Result<Lockdown | undefined, "not-raised">> {
  try {
    const text = (await readFile(join(root, FILE), "utf8")).trim();
    const wanted = LOCKDOWN_LEVELS.find((level) => level === text);
    if (wanted === undefined) {
      return fail(new Fault("not-raised", `Cannot read "${FILE}": wanted one of ${LOCKDOWN_LEVELS.join(", ")}`));
    }
    if (wanted === "none") return ok(undefined);
    const level = lockdownIn(await readFile(join(root, LOCKDOWN_FILE), "utf8"));
    if (level === undefined) return fail(new Fault("not-raised", `Cannot read the level in "${LOCKDOWN_FILE}"`));
    if (!isBelow(level, wanted)) return ok(undefined);
    await writeFile(join(root, LOCKDOWN_FILE), wanted);
    return ok(wanted);
  } catch (cause) {
    return fail(Fault.from("not-raised", "Cannot raise the kernel's lockdown", cause));
  }
}
