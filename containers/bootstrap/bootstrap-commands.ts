/** `bootstrap-commands`: runs the API calls that settings want at boot. Contracts section 10.6. */
import { type Command, stringOption } from "../../base/command.ts";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { runApiclient } from "./api-program.ts";
import { COMMANDS_FILE, parseCommands, readIfThere } from "./configuration.ts";
import { runCommands } from "./run-commands.ts";

const SYSTEMCTL = "/usr/bin/systemctl";

export const command: Command = {
  name: "bootstrap-commands",
  summary: "Run the API calls that settings want at boot; exit 1 when an essential one fails",
  options: {
    config: { type: "string", value: "FILE", summary: `What to run (default ${COMMANDS_FILE})` },
    "log-level": { type: "string", value: "LEVEL", summary: "debug, info (default), warn, or error" },
  },
  async run({ options, log }) {
    // A shutdown waits: the entry that runs is finished and marked, and no other one is begun. The unit keeps the API
    // and the rest of the machine up meanwhile; see os/packages/bootstrap.
    let down = false;
    process.on("SIGTERM", () => {
      down = true;
      log.warn("The machine is to go down: it waits until the commands that run are done");
    });
    const entries = orThrow(parseCommands(await readIfThere(stringOption(options, "config") ?? COMMANDS_FILE)));
    const goingDown = async (): Promise<boolean> => down || (await shutdownIsAsked());
    return (await runCommands(entries, { call: runApiclient, log, goingDown })) ? 0 : 1;
  },
};

/** Systemd has the job as soon as a command has asked for a reboot, and tells this program when it comes to it. */
async function shutdownIsAsked(): Promise<boolean> {
  const asked = await run([SYSTEMCTL, "show", "--property=Job", "--value", "shutdown.target"], { timeoutMs: 20_000 });
  return asked.ok && Number(asked.value.stdout) > 0;
}
