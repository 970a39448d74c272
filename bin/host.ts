/**
 * The one executable of the image. It does what the name says that it was called by; `sparkler-host NAME …` works as
 * well. Programs are imported only when called, so that none pays for another's code.
 */
import { basename } from "node:path";
import { createLog } from "../base/log.ts";
import { type Command, runCommand } from "../base/command.ts";

const EXECUTABLE = "sparkler-host";

const applets: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {};

async function main(): Promise<number> {
  const called = basename(process.argv0);
  const inside = called in applets;
  const [name = "", ...args] = inside ? [called, ...process.argv.slice(2)] : process.argv.slice(2);
  const load = applets[name];
  if (load === undefined) {
    const what = name === "" ? "No program named" : `No program "${name}"`;
    process.stderr.write(`${EXECUTABLE}: ${what}; there are: ${Object.keys(applets).join(", ")}\n`);
    return 2;
  }
  const { command } = await load();
  const form = process.env["JOURNAL_STREAM"] === undefined ? "text" : "journal";
  return runCommand(command, args, createLog({ component: name, form }));
}

process.exitCode = await main();
