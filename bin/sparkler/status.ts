/** `sparkler status`: every machine, or one. */
import { stringOption } from "../../base/command.ts";
import { listMachines, machineStatus } from "../../machine/status.ts";
import { describeMachine } from "./describe.ts";
import { machinesFolder } from "./folders.ts";
import { noSuchMachine } from "./machine-of.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { jsonOption, nameOption, nameProblems } from "./options.ts";

export const command: OperatorCommand = {
  summary: "Show the machines and how they are.",
  options: { name: { ...nameOption, summary: "Only this machine (default: all there are)" }, json: jsonOption },
  help: 'With --json: {"machines": […]}, each with name, state ("running", "starting" or "stopped"), folder, apiSocket,\nvariant, image, memoryMib, diskBytes, diskUsedBytes, accelerator, since, sshPort, published, ended.',
  problems: nameProblems,
  async run({ options }) {
    const name = stringOption(options, "name");
    const one = name === undefined ? undefined : await machineStatus(machinesFolder, name);
    if (name !== undefined && one === undefined) throw noSuchMachine(name);
    const machines = one === undefined ? await listMachines(machinesFolder) : [one];
    if (options["json"] === true) {
      process.stdout.write(`${JSON.stringify({ machines }, undefined, 2)}\n`);
      return 0;
    }
    const text = machines.map((machine) => describeMachine(machine)).join("\n");
    process.stdout.write(text === "" ? 'There is no machine; "./sparkler up" makes one\n' : text);
    return 0;
  },
};
