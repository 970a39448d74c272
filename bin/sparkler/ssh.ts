/**
 * `sparkler ssh`: into a machine's admin container by SSH, through the port of the loopback that leads there. The
 * container is turned on, and told of the machine's own key, where nobody has said otherwise; all of that is shown.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runApiclient } from "../../api/client/apiclient.ts";
import { createProgress, type Progress } from "../../base/progress.ts";
import { Fault } from "../../base/result.ts";
import { requestApi, waitForApi } from "../../machine/api.ts";
import { files, openSocketPath } from "../../machine/paths.ts";
import { readRunning } from "../../machine/records.ts";
import { sshPublicKey } from "../../machine/ssh-key.ts";
import { planAccess, readAdmin } from "./admin-access.ts";
import { awaitContainer } from "./await-container.ts";
import { type Named, runningMachineOf, sparkler } from "./machine-of.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { nameOption, nameProblems } from "./options.ts";
import { quoteWord } from "./quote.ts";

const SSH = "/usr/bin/ssh";
const USER = "ec2-user";
const CONTAINER = "admin";
const API_MS = 240_000;
const ANSWER_MS = 180_000;
const BANNER_MS = 3000;
/** What ssh(1) may know of the operator's environment. */
const PASSED = ["HOME", "PATH", "TERM", "COLORTERM", "LANG", "LC_ALL", "SSH_AUTH_SOCK"];

export const command: OperatorCommand = {
  summary: "Log in to the admin container of a machine by SSH, or run one command there.",
  operands: "[-- COMMAND…]",
  options: { name: nameOption },
  help: `  sparkler ssh
  sparkler ssh -- sudo sheltie systemctl status

Turns the admin container on when it is off. Its user data gets a key that is the machine's own unless you have set it.`,
  problems: nameProblems,
  async run({ options, args, untilInterrupted }) {
    if (!existsSync(SSH)) throw new Fault("no-ssh", `There is no "${SSH}": install the OpenSSH client`);
    const named = await runningMachineOf(options);
    const port = (await readRunning(named.folder))?.sshPort;
    if (port === undefined) {
      const again = `"${sparkler(named.name, "down")}", then "${sparkler(named.name, "up")}"`;
      throw new Fault("no-port", `Machine "${named.name}" was started without a port for SSH: ${again}`);
    }
    const signal = untilInterrupted();
    const progress = createProgress();
    const access = await grant(named, progress, signal);
    if (access === undefined) return 1;
    await awaitContainer({ ...named, container: CONTAINER, progress, signal });
    await awaitAnswer(port, progress, signal);
    return await login(named, { port, ownKeyOnly: access.knowsKey, words: args });
  },
};

/** Undefined when the settings could not be changed, which the client has told. */
async function grant(
  { name, folder }: Named,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly knowsKey: boolean } | undefined> {
  const publicKey = await sshPublicKey(folder, `sparkler-${name}`);
  if ((await requestApi(folder, "/settings", { timeoutMs: BANNER_MS }).catch(() => undefined)) === undefined) {
    const wait = { timeoutMs: API_MS, signal, meanwhile: () => {} };
    await progress.step("Waiting for the API", () => waitForApi(folder, wait));
  }
  const settings: unknown = JSON.parse((await requestApi(folder, "/settings", { signal })).body);
  const access = planAccess(readAdmin(settings), publicKey);
  for (const sentence of access.says) process.stderr.write(`The admin container of "${name}": ${sentence}\n`);
  if (access.change === undefined) return access;
  const socket = openSocketPath(folder, files.api);
  try {
    const words = ["set", "--json", JSON.stringify(access.change), "--message", "sparkler ssh", "--no-wait"];
    const out = (text: string): void => void process.stderr.write(text);
    return (await runApiclient(words, { socketPath: socket.path, out })) === 0 ? access : undefined;
  } finally {
    socket.close();
  }
}

/** QEMU takes connections before the guest does, so only what SSH says itself counts. */
async function awaitAnswer(port: number, progress: Progress, signal: AbortSignal): Promise<void> {
  if (await saysSsh(port)) return;
  await progress.step("Waiting for SSH", async () => {
    const end = performance.now() + ANSWER_MS;
    while (!(await saysSsh(port))) {
      signal.throwIfAborted();
      if (performance.now() > end) {
        throw new Fault("no-answer", `SSH does not answer on 127.0.0.1:${port} although the container runs`);
      }
      await sleep(500);
    }
  });
}

function saysSsh(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(false), BANNER_MS);
    socket.once("data", (chunk: Buffer) => done(chunk.toString("latin1").startsWith("SSH-")));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}

type Login = { readonly port: number; readonly ownKeyOnly: boolean; readonly words: readonly string[] };

function login({ name, folder }: Named, { port, ownKeyOnly, words }: Login): Promise<number> {
  const settings = {
    UserKnownHostsFile: `"${join(folder, files.knownHosts)}"`,
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "accept-new",
    HostKeyAlias: `sparkler-${name}`,
    IdentitiesOnly: ownKeyOnly ? "yes" : "no",
    LogLevel: "ERROR",
  };
  const given = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  // The operator's configuration is for other hosts. The other side joins words with blanks for its shell.
  const argv = ["-F", "/dev/null", "-p", String(port), "-i", join(folder, files.sshKey), ...given];
  const remote = words.length === 0 ? [] : ["--", words.map(quoteWord).join(" ")];
  const env = Object.fromEntries(
    PASSED.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(SSH, [...argv, `${USER}@127.0.0.1`, ...remote], { stdio: "inherit", env });
    child.once("error", (cause) => reject(Fault.from("no-ssh", `Cannot run "${SSH}"`, cause)));
    child.once("exit", (status, by) => resolve(status ?? 128 + constants.signals[by ?? "SIGKILL"]));
  });
}
