/**
 * Further processes in running containers, by containerd's API: the shim runs them, their input and output are named
 * pipes in a folder of their own, their terminal is containerd's. Only this file of the API's reaches containerd; it is
 * loaded at the first session.
 */
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFifos } from "../../base/fifo.ts";
import { Fault, orThrow } from "../../base/result.ts";
import { Containerd, hasCode, unlessMissing } from "../../containers/containerd/connection.ts";
import { readStatus } from "../../containers/host/status.ts";
import { containers, type ProcessId, TASK_STATES, tasks } from "../../containers/containerd/services.ts";
import type { Any } from "../../containers/containerd/types.ts";
import type { Initialize } from "./messages.ts";
import { InputPipe, OutputPipe } from "./pipes.ts";
import { processSpec } from "./process-spec.ts";
import type { ExecProcess, StartProcess } from "./session.ts";

export type ExecPlace = {
  readonly containerdSocket: string;
  readonly namespace: string;
  /** Where the pipes of running processes are; made when it is not there. */
  readonly folder: string;
};

const PROCESS_SPEC_URL = "types.containerd.io/opencontainers/runtime-spec/1/Process";
/** How long containerd may take for one call that is about a process: a machine may have much else to do. */
const CALL_MS = 90_000;
/** How long the process may take to be gone once it is killed. */
const KILL_MS = 20_000;
const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY };
const LIMIT = { timeoutMs: CALL_MS };
const SIGKILL = 9;
/** Ctrl-D: what ends the input of a terminal. */
const END_OF_INPUT = Uint8Array.of(4);

/** Processes of the containers of one containerd. */
export function containerdProcesses(place: ExecPlace): StartProcess {
  return async (wanted) => {
    const containerd = new Containerd({ socket: place.containerdSocket, namespace: place.namespace });
    const process = new ContainerdProcess(containerd, place, wanted);
    try {
      await process.start();
      return process;
    } catch (thrown) {
      await process.dispose();
      throw thrown;
    }
  };
}

/** What its runner says of a container that is not there yet; undefined where it says nothing. */
async function stateOf(target: string): Promise<string | undefined> {
  const status = /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(target) ? await readStatus(target) : undefined;
  if (status?.phase === "pulling") return "its image is being pulled";
  if (status?.phase === "starting") return "it is being started";
  return status?.phase === "failing" && status.why !== undefined ? `it fails: ${status.why}` : undefined;
}

// oxlint-disable-next-line require-yield -- it is empty
async function* nothing(): AsyncGenerator<Uint8Array> {}

class ContainerdProcess implements ExecProcess {
  readonly exited: Promise<number>;
  readonly #containerd: Containerd;
  readonly #wanted: Initialize;
  readonly #id: ProcessId;
  readonly #folder: string;
  readonly #stop = new AbortController();
  readonly #exit: PromiseWithResolvers<number> = Promise.withResolvers<number>();
  #made = false;
  #ended = false;
  #pid = 0;
  #output: OutputPipe | undefined;
  #input: InputPipe | undefined;

  constructor(containerd: Containerd, place: ExecPlace, wanted: Initialize) {
    this.#containerd = containerd;
    this.#wanted = wanted;
    this.#id = { containerId: wanted.target, execId: `apiexec-${randomBytes(8).toString("hex")}` };
    this.#folder = join(place.folder, this.#id.execId);
    this.exited = this.#exit.promise;
    this.exited.catch(() => {}); // whoever waits is told
  }

  get output(): AsyncIterable<Uint8Array> {
    return this.#output?.read() ?? nothing();
  }

  async start(): Promise<void> {
    const { tty, command } = this.#wanted;
    const container = await this.#findSpec();
    if (command.length === 0) return this.#exit.resolve(0);
    const spec = orThrow(processSpec(container.value, this.#wanted));
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const [stdin, stdout] = [join(this.#folder, "stdin"), join(this.#folder, "stdout")];
    await makeFifos([stdin, stdout]);
    this.#output = new OutputPipe(stdout);
    const stderr = tty === undefined ? stdout : "";
    const value = new TextEncoder().encode(JSON.stringify(spec));
    const made = { ...this.#id, stdin, stdout, stderr, terminal: tty !== undefined };
    await this.#containerd.call(tasks.exec, { ...made, spec: { typeUrl: PROCESS_SPEC_URL, value } }, LIMIT);
    this.#made = true;
    this.#watch();
    this.#pid = (await this.#containerd.call(tasks.start, this.#id, LIMIT).catch(this.#notStarted)).pid;
    this.#input = await InputPipe.open(stdin, () => this.#ended);
    if (tty?.size !== undefined) await this.resize(tty.size);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#input?.write(bytes);
  }

  async endInput(): Promise<void> {
    if (this.#wanted.tty !== undefined) return this.write(END_OF_INPUT);
    this.#input?.[Symbol.dispose]();
    await this.#unlessGone(this.#containerd.call(tasks.closeIo, { ...this.#id, stdin: true }, LIMIT));
  }

  async resize({ rows, cols }: { readonly rows: number; readonly cols: number }): Promise<void> {
    if (this.#wanted.tty === undefined) return;
    const size = { ...this.#id, width: cols, height: rows };
    await this.#unlessGone(this.#containerd.call(tasks.resizePty, size, LIMIT));
  }

  async dispose(): Promise<void> {
    try {
      if (this.#made) await this.#remove();
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      // containerd is away: what it still has of the process goes with the container.
    } finally {
      this.#stop.abort();
      this.#input?.[Symbol.dispose]();
      this.#output?.[Symbol.dispose]();
      this.#containerd[Symbol.dispose]();
      await rm(this.#folder, { recursive: true, force: true });
    }
  }

  /** The specification of the container, which must run. */
  async #findSpec(): Promise<Any> {
    const { target } = this.#wanted;
    const why = (what: string): Fault<"no-target"> => new Fault("no-target", `Cannot run in "${target}": ${what}`);
    const found = await unlessMissing(this.#containerd.call(containers.get, { id: target }, LIMIT)).catch(
      (thrown: unknown) => {
        throw hasCode(thrown, "unavailable") ? why("the runtime of host containers does not answer") : thrown;
      },
    );
    const spec = found?.container?.spec;
    if (spec === undefined) throw why((await stateOf(target)) ?? "there is no such container, or it does not run");
    const task = await unlessMissing(this.#containerd.call(tasks.get, { containerId: target }, LIMIT));
    const state = TASK_STATES[task?.process?.status ?? 0] ?? "unknown";
    if (state !== "running") throw why(`it does not run${task === undefined ? "" : `, it is ${state}`}`);
    return spec;
  }

  /** A close frame has room for the end of containerd's sentence only. */
  readonly #notStarted = (thrown: unknown): never => {
    const [word = new Uint8Array(0)] = this.#wanted.command;
    const why =
      thrown instanceof Fault
        ? /exec: ".*?": (?:stat \S+: )?(.*?)(?:: unknown)?$/s.exec(thrown.message)?.[1]
        : undefined;
    if (why === undefined) throw thrown;
    const program = Buffer.from(word).toString();
    const what = `Cannot run "${program}" in "${this.#wanted.target}"`;
    throw Fault.from("not-started", what, why === "executable file not found in $PATH" ? "it is not there" : why);
  };

  #watch(): void {
    const options = { ...FOREVER, signal: this.#stop.signal };
    this.#containerd.call(tasks.wait, this.#id, options).then(
      ({ exitStatus }) => {
        this.#ended = true;
        this.#exit.resolve(exitStatus);
      },
      (thrown: unknown) => this.#exit.reject(thrown),
    );
  }

  async #remove(): Promise<void> {
    if (!this.#ended) {
      this.#killGroup();
      await this.#unlessGone(this.#containerd.call(tasks.kill, { ...this.#id, signal: SIGKILL, all: false }, LIMIT));
      await Promise.race([this.exited.catch(() => {}), Bun.sleep(KILL_MS)]);
    }
    await this.#unlessGone(this.#containerd.call(tasks.deleteProcess, this.#id, LIMIT));
  }

  /** What the process has started dies with it: runc makes each process the leader of a session of its own. */
  #killGroup(): void {
    if (this.#pid < 2) return;
    try {
      process.kill(-this.#pid, "SIGKILL");
    } catch {
      // It leads no group, or has just ended.
    }
  }

  /** A process that has ended has no terminal and no input any more. */
  async #unlessGone(work: Promise<unknown>): Promise<void> {
    await work.catch((thrown: unknown) => {
      if (hasCode(thrown, "not-found") || this.#ended) return;
      throw thrown;
    });
  }
}
