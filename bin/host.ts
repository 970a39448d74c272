/**
 * The one executable of the image. It does what the name says that it was called by; `sparkler-host NAME …` works as
 * well. Programs are imported only when called, so that none pays for another's code.
 */
import { basename } from "node:path";
import { type Command, runCommand } from "../base/command.ts";
import { createLog, LEVELS, type Level } from "../base/log.ts";

const EXECUTABLE = "sparkler-host";

type Program = (args: readonly string[]) => Promise<number>;

const programs: Readonly<Record<string, () => Promise<Program>>> = {
  apiserver: async () => program((await import("../api/server/command.ts")).command),
  // sorts its own words, since its options may stand anywhere
  apiclient: async () => (await import("../api/client/program.ts")).main,
  "early-boot-config": async () => program((await import("../api/boot/early-boot-config.ts")).command),
  "setting-generators": async () => program((await import("../api/boot/setting-generators.ts")).command),
  "settings-committer": async () => program((await import("../api/boot/settings-committer.ts")).command),
  "settings-applier": async () => program((await import("../api/boot/settings-applier.ts")).command),
  "kernel-lockdown": async () => program((await import("../settings/programs/kernel-lockdown.ts")).command),
  "ca-bundle": async () => program((await import("../settings/programs/ca-bundle.ts")).command),
  "control-channel": async () => program((await import("../api/channel/command.ts")).command),
  "ephemeral-storage": async () => program((await import("../disk/ephemeral/command.ts")).command),
  "bootstrap-commands": async () => program((await import("../containers/bootstrap/bootstrap-commands.ts")).command),
  "bootstrap-containers": async () =>
    program((await import("../containers/bootstrap/bootstrap-containers.ts")).command),
  "host-ctr": async () => program((await import("../containers/host/host-ctr.ts")).command),
  "host-containers": async () => program((await import("../containers/manager/command.ts")).command),
  signpost: async () => program((await import("../updates/slots/command.ts")).command),
};

function program(command: Command): Program {
  return async (args) => {
    const level = levelOf(args);
    if (!isLevel(level)) {
      process.stderr.write(`${command.name}: No log level "${level}"; there are: ${LEVELS.join(", ")}\n`);
      return command.usageExit ?? 2;
    }
    const form = process.env["JOURNAL_STREAM"] === undefined ? "text" : "journal";
    return runCommand(command, args, createLog({ component: command.name, form, level }));
  };
}

/** The value of `--log-level`, which is needed before the program's options are read; `info` without one. */
function levelOf(args: readonly string[]): string {
  const option = "--log-level";
  const at = args.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
  const word = args[at];
  if (word === undefined) return "info";
  return word === option ? (args[at + 1] ?? "info") : word.slice(option.length + 1);
}

function isLevel(word: string): word is Level {
  return LEVELS.some((level) => level === word);
}

async function main(): Promise<number> {
  const called = basename(process.argv0);
  const words = process.argv.slice(2);
  const [name = "", ...args] = Object.hasOwn(programs, called) ? [called, ...words] : words;
  const load = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (load === undefined) {
    const what = name === "" ? "No program named" : `No program "${name}"`;
    process.stderr.write(`${EXECUTABLE}: ${what}; there are: ${Object.keys(programs).join(", ")}\n`);
    return 2;
  }
  return (await load())(args);
}

process.exitCode = await main();
