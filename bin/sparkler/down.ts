/** `sparkler down`: shuts machines down, the gentlest way that works. */
import { createProgress } from "../../base/progress.ts";
import { machineFolder } from "../../machine/paths.ts";
import { listMachines } from "../../machine/status.ts";
import { removeMachine, stopMachine, type StopWay } from "../../machine/stop.ts";
import { machinesFolder } from "./folders.ts";
import { existingMachineOf } from "./machine-of.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { jsonOption, nameOption, nameProblems } from "./options.ts";

const ways: Readonly<Record<StopWay, string>> = {
  "not-running": "was not running",
  "shut-down": "shut down by itself",
  quit: "was turned off",
  killed: "was killed; QEMU did not answer",
};

export const command: OperatorCommand = {
  summary: "Shut a machine down. Its disk and settings stay, and the next up starts it again.",
  options: {
    name: nameOption,
    all: { type: "boolean", summary: "Every machine there is" },
    force: { type: "boolean", summary: "Turn it off without asking the guest" },
    delete: { type: "boolean", summary: "Then take it away, with its disk and logs" },
    json: jsonOption,
  },
  help: 'With --json: {"machines": [{"name", "how", "deleted"}]}; how is "not-running", "shut-down", "quit" or "killed".',
  problems: (values) => [
    ...nameProblems(values),
    ...(values["all"] === true && values["name"] !== undefined ? ["--all and --name exclude each other"] : []),
  ],
  async run({ options }) {
    const all = options["all"] === true;
    const names = all ? (await listMachines(machinesFolder)).map(({ name }) => name) : [];
    if (!all) names.push((await existingMachineOf(options)).name);
    const progress = createProgress();
    const done: { readonly name: string; readonly how: StopWay; readonly deleted: boolean }[] = [];
    for (const name of names) {
      const folder = machineFolder(machinesFolder, name);
      const how = await stopMachine(folder, progress, options["force"] === true);
      const deleted = options["delete"] === true && (await removeMachine(folder));
      done.push({ name, how, deleted });
      if (options["json"] !== true) {
        process.stdout.write(`Machine "${name}" ${ways[how]}${deleted ? ", and is deleted" : ""}\n`);
      }
    }
    if (options["json"] === true) process.stdout.write(`${JSON.stringify({ machines: done }, undefined, 2)}\n`);
    return 0;
  },
};
