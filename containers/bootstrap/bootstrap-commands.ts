/** `bootstrap-commands`: runs the API calls that settings want at boot. Contracts section 10.6. */
import { type Command, stringOption } from "../../base/command.ts";
import { orThrow } from "../../base/result.ts";
import { runApiclient } from "./api-program.ts";
import { COMMANDS_FILE, parseCommands, readIfThere } from "./configuration.ts";
import { runCommands } from "./run-commands.ts";

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
    return (await runCommands(entries, { call: runApiclient, log, goingDown: () => down })) ? 0 : 1;
  },
};
