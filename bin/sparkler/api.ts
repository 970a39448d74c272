/**
 * `sparkler api WORD…`: the very `apiclient` of the image, on the socket that leads into a machine. Only a `--name`, or
 * `--help`, before the first of its words is ours.
 */
import { runApiclient } from "../../api/client/apiclient.ts";
import { Fault } from "../../base/result.ts";
import { checkName, files, machineFolder, openSocketPath } from "../../machine/paths.ts";
import { readMachine, readRunning } from "../../machine/records.ts";
import { machinesFolder } from "./folders.ts";
import { noSuchMachine, sparkler } from "./machine-of.ts";
import { defaultName } from "./options.ts";

const help = `Usage: sparkler api [--name NAME] WORD…

Asks the API of a machine, as "apiclient WORD…" does on the machine itself.

  --name NAME   Which machine, of several side by side (default "${defaultName}")
  -h, --help    Show this text

  sparkler api -u /settings
  sparkler api -X PATCH -u /settings -d '{"motd":"hi"}'
  sparkler api -X POST -u /tx/commit_and_apply
  sparkler api get settings.motd os
  sparkler api set motd=hi

`;

export async function main(argv: readonly string[]): Promise<number> {
  const { names, rest } = takeNames(argv);
  if (rest.length === 0 || (rest.length === 1 && (rest[0] === "--help" || rest[0] === "-h"))) {
    process.stdout.write(help);
    await runApiclient(["--help"], { socketPath: "", err: (text) => void process.stdout.write(text) });
    return 0;
  }
  const problems = names.flatMap((name) => {
    const checked = name === undefined ? undefined : checkName(name);
    if (checked === undefined) return ['Option "--name" needs a value: NAME'];
    return checked.ok ? [] : [checked.fault.message];
  });
  if (problems.length > 0) {
    process.stderr.write(
      `${problems.map((problem) => `sparkler api: ${problem}\n`).join("")}Try "sparkler api --help".\n`,
    );
    return 2;
  }
  return ask(names.at(-1) ?? defaultName, rest);
}

async function ask(name: string, words: readonly string[]): Promise<number> {
  const folder = machineFolder(machinesFolder, name);
  try {
    if ((await readMachine(folder)) === undefined) throw noSuchMachine(name);
    if ((await readRunning(folder)) === undefined) {
      throw new Fault("stopped", `Machine "${name}" is stopped; "${sparkler(name, "up")}" starts it`);
    }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    process.stderr.write(`sparkler api: ${thrown.message}\n`);
    return 1;
  }
  const socket = openSocketPath(folder, files.api);
  try {
    return await runApiclient(words, { socketPath: socket.path });
  } finally {
    socket.close();
  }
}

type Taken = { readonly names: readonly (string | undefined)[]; readonly rest: readonly string[] };

/** Every `--name` before the first word that is not one; undefined stands for one without a value. */
function takeNames(argv: readonly string[]): Taken {
  const [first, second, ...others] = argv;
  if (first?.startsWith("--name=") === true) {
    const { names, rest } = takeNames(argv.slice(1));
    return { names: [first.slice("--name=".length), ...names], rest };
  }
  if (first !== "--name") return { names: [], rest: argv };
  const { names, rest } = takeNames(others);
  return { names: [second, ...names], rest };
}
