/** The machine that a command's `--name` means. */
import { stringOption, type Values } from "../../base/command.ts";
import { Fault } from "../../base/result.ts";
import { machineFolder } from "../../machine/paths.ts";
import { readMachine, readRunning } from "../../machine/records.ts";
import { machinesFolder } from "./folders.ts";
import { defaultName } from "./options.ts";

export type Named = { readonly name: string; readonly folder: string };

export function machineOf(values: Values): Named {
  const name = stringOption(values, "name") ?? defaultName;
  return { name, folder: machineFolder(machinesFolder, name) };
}

/** The same, of a machine that there must be. */
export async function existingMachineOf(values: Values): Promise<Named> {
  const named = machineOf(values);
  if ((await readMachine(named.folder)) !== undefined) return named;
  throw noSuchMachine(named.name);
}

/** The same, of a machine that must run. */
export async function runningMachineOf(values: Values): Promise<Named> {
  const named = await existingMachineOf(values);
  if ((await readRunning(named.folder)) !== undefined) return named;
  throw new Fault("stopped", `Machine "${named.name}" is stopped; "${sparkler(named.name, "up")}" starts it`);
}

export function noSuchMachine(name: string): Fault<"no-machine"> {
  return new Fault("no-machine", `There is no machine "${name}"; "${sparkler(name, "up")}" makes it`);
}

/** A command line to try next, for the machine `name`. */
export function sparkler(name: string, words: string): string {
  return `./sparkler ${name === defaultName ? "" : `--name ${name} `}${words}`;
}
