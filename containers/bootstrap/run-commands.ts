/**
 * Bootstrap commands: entry by entry in the order of their names, command by command within one. A failing command ends
 * its entry; that of an essential entry ends everything, so that the boot stops where it went wrong (contracts §10.6 has
 * commands whose own exit status nobody looks at; that is not copied). No effects but through `call`.
 */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { RunApiclient } from "./api-program.ts";
import { shown } from "./api-program.ts";
import type { BootstrapCommands } from "./configuration.ts";
import { mark } from "./mark.ts";

export type CommandPorts = {
  readonly call: RunApiclient;
  readonly log: Log;
  /** Asked before each entry: whether the machine is going down, so that none is begun. */
  readonly goingDown: () => Promise<boolean>;
};

/** False when an essential entry failed, or could not be begun. */
export async function runCommands(entries: readonly BootstrapCommands[], ports: CommandPorts): Promise<boolean> {
  const { log } = ports;
  for (const entry of entries.filter(({ mode }) => mode !== "off")) {
    const { name, essential } = entry;
    if (await ports.goingDown()) {
      log.warn("Bootstrap commands are left for the next boot: the machine is going down", { name });
      if (essential) return false;
      continue;
    }
    const problem = await runEntry(entry, ports);
    if (problem === undefined) continue;
    const said = { name, problem: problem.message };
    if (!essential) log.warn("Bootstrap commands failed; they are not essential, so the boot goes on", said);
    else {
      log.error("Essential bootstrap commands failed, so the boot stops here", said);
      log.error(`To go on without them: apiclient set bootstrap-commands.${name}.mode=off, then apiclient reboot`);
      return false;
    }
  }
  return true;
}

async function runEntry(entry: BootstrapCommands, ports: CommandPorts): Promise<Fault | undefined> {
  const { name, commands, mode } = entry;
  ports.log.info("Bootstrap commands are run", { name, commands: commands.length, mode });
  for (const [at, [, ...words]] of commands.entries()) {
    const ran = await ports.call(words);
    const step = { name, command: `${at + 1} of ${commands.length}: ${shown(words)}` };
    if (!ran.ok) return new Fault("command-failed", `Command ${step.command}: ${ran.fault.message}`);
    ports.log.info("A bootstrap command is done", step);
  }
  try {
    if (await mark({ section: "bootstrap-commands", name, mode }, ports.call)) {
      ports.log.info("Bootstrap commands were for one boot and are off now", { name });
    }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return new Fault("not-marked", `They ran, and will run again: ${thrown.message}`);
  }
  return undefined;
}
