/** Waiting for a host container of a machine that may still be starting. */
import { setTimeout as sleep } from "node:timers/promises";
import { ExecFault, runExec } from "../../api/client/exec.ts";
import type { ExecConsole } from "../../api/client/exec-console.ts";
import type { Progress } from "../../base/progress.ts";
import { Fault } from "../../base/result.ts";
import { requestApi } from "../../machine/api.ts";
import { files, openSocketPath } from "../../machine/paths.ts";
import { readEnded, readRunning } from "../../machine/records.ts";
import { sparkler } from "./machine-of.ts";

export type AwaitContainerOptions = {
  readonly name: string;
  readonly folder: string;
  readonly container: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
};

/** Generous: an emulated machine on a busy host takes minutes to its first container, or to pull and unpack an image. */
const TIMEOUT_MS = 600_000;
const PAUSE_MS = 500;
/** How long a container that settings turn off may take to be seen so. */
const REFUSALS = 2;

/** Resolves when the container runs; at once, and without a word, when it does already. */
export async function awaitContainer(options: AwaitContainerOptions): Promise<void> {
  const first = await whyNot(options);
  if (first === undefined) return;
  const { container, progress } = options;
  await progress.step(`Waiting for the container "${container}"`, (report) => wait(options, first, report));
}

async function wait(options: AwaitContainerOptions, first: string, report: (detail: string) => void): Promise<void> {
  const { name, folder, container, signal } = options;
  const end = performance.now() + (options.timeoutMs ?? TIMEOUT_MS);
  let off = 0;
  for (let why: string | undefined = first; why !== undefined; why = await whyNot(options)) {
    report(why);
    if ((await readRunning(folder)) === undefined) {
      const how = (await readEnded(folder))?.how ?? "its monitor is gone";
      throw new Fault("ended", `The machine ended before the container ran: ${how}`);
    }
    const wanted = await wantedContainers(folder);
    off = wanted === undefined || wanted.get(container) === true ? 0 : off + 1;
    if (off > REFUSALS) throw notWanted(name, container, [...(wanted?.keys() ?? [])]);
    if (performance.now() > end) {
      const hint = `"${sparkler(name, "console")}" shows the machine's console`;
      throw new Fault("not-running", `The container "${container}" does not run: ${why}; ${hint}`);
    }
    await sleep(PAUSE_MS);
    signal.throwIfAborted();
  }
}

/** What keeps a session from being opened now; undefined when nothing does. Throws where waiting has no use. */
async function whyNot({ folder, container, signal }: AwaitContainerOptions): Promise<string | undefined> {
  const socket = openSocketPath(folder, files.api);
  try {
    const asked = { target: container, command: [], tty: false };
    const status = await runExec(asked, { socketPath: socket.path, console: silentConsole, signal });
    signal.throwIfAborted();
    return status === 0 ? undefined : `the API answers with status ${status}`;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code === "status") throw thrown;
    return thrown instanceof ExecFault && !thrown.fromServer ? "the API does not answer yet" : thrown.message;
  } finally {
    socket.close();
  }
}

function notWanted(name: string, container: string, there: readonly string[]): Fault {
  if (!there.includes(container)) {
    return new Fault("no-container", `There is no host container "${container}"; there are: ${there.join(", ")}`);
  }
  const on = sparkler(name, `api set host-containers.${container}.enabled=true`);
  return new Fault("off", `The container "${container}" is turned off: "${on}" turns it on`);
}

/** The host containers of the settings, and whether each is to run; undefined while the API does not answer. */
async function wantedContainers(folder: string): Promise<ReadonlyMap<string, boolean> | undefined> {
  try {
    const { status, body } = await requestApi(folder, "/settings?prefix=host-containers.");
    if (status !== 200) return undefined;
    const found = valueAt(JSON.parse(body), ["host-containers"]);
    const names = typeof found === "object" && found !== null ? Object.keys(found) : [];
    return new Map(names.map((name) => [name, valueAt(found, [name, "enabled"]) === true]));
  } catch (thrown) {
    if (thrown instanceof Fault || thrown instanceof SyntaxError) return undefined; // it does not answer
    throw thrown;
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at: unknown, name) => {
    const found: unknown = typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined;
    return found;
  }, value);
}

const silentConsole: ExecConsole = {
  inputIsTerminal: false,
  outputIsTerminal: false,
  input: { start: () => () => {}, pause() {}, resume() {} },
  write: () => Promise.resolve(),
  size: () => undefined,
  onResize: () => () => {},
  setRaw() {},
};
