/**
 * Machines for tests: a copy of an image in a folder of its own, run inside the test's process, gone when disposed.
 * A machine can be stopped, cut off from power and started again on the same disk.
 */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveControl } from "../api/channel/host.ts";
import { silentLog } from "../base/log.ts";
import { Fault } from "../base/result.ts";
import { hostAbility, type HostAbility } from "./accelerator.ts";
import { type ApiAnswer, requestApi, waitForApi } from "./api.ts";
import { lastLines, plainText } from "./console-text.ts";
import { createDisk, placeEphemeralDisks } from "./disk.ts";
import { describeEnd, Guest } from "./guest.ts";
import { files, openSocketPath } from "./paths.ts";
import { planQemu } from "./plan.ts";
import { identify } from "./process.ts";
import { Qmp } from "./qmp.ts";
import { serveRegistry } from "./registry/server.ts";
import type { QemuTools } from "./tools.ts";

export type TestMachineOptions = {
  /** The raw disk image; it is copied, never written. */
  readonly image: string;
  readonly tools: QemuTools;
  readonly memoryMib?: number;
  readonly cpus?: number;
  readonly diskBytes?: number;
  /** Text of the user data. */
  readonly userData?: string;
  /** Sizes of its ephemeral disks in bytes; default none. */
  readonly ephemeralDisks?: readonly number[];
  /** Further arguments for QEMU. */
  readonly extra?: readonly string[];
  /** Emulate although guests start under KVM here: for measurements that must be repeatable. */
  readonly emulate?: boolean;
  /** A folder of OCI layouts that the machine can pull from; default none. */
  readonly images?: string;
  /** Whether the machine is started at once; default true. */
  readonly start?: boolean;
};

/** Where test machines live; the answer about the accelerator is kept there as well. */
const base = join(tmpdir(), "sparkler-machines");

/** What a promise is rejected with; undefined when it is not. */
export function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}

/** Makes a machine from an image and starts it. Does not wait for the guest. */
export async function startMachine(options: TestMachineOptions): Promise<TestMachine> {
  await mkdir(base, { recursive: true });
  await removeAbandoned();
  const ability = await hostAbility(options.tools, base);
  const folder = await mkdtemp(join(base, `${process.pid}-`));
  const machine = new TestMachine(folder, options, ability);
  try {
    const { image, diskBytes, tools } = options;
    await createDisk({ folder, image, bytes: diskBytes, firmwareVars: tools.firmwareVars });
    await placeEphemeralDisks(folder, options.ephemeralDisks ?? [], true);
    if (options.userData !== undefined) await writeFile(join(folder, files.userData), options.userData);
    if (options.start !== false) await machine.start();
    return machine;
  } catch (thrown) {
    await machine[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Folders of test processes that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(base)) {
    const pid = /^(\d+)-/.exec(name)?.[1];
    if (pid === undefined || identify(Number(pid)) !== undefined) continue;
    await rm(join(base, name), { recursive: true, force: true });
  }
}

export class TestMachine implements AsyncDisposable {
  readonly folder: string;
  /** The disk; to be touched by tests only while the machine is off. */
  readonly disk: string;
  readonly #options: TestMachineOptions;
  readonly #ability: HostAbility;
  readonly #uuid: string = randomUUID();
  #guest: Guest | undefined;
  #console = "";
  #seen = 0;
  #end: string | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(folder: string, options: TestMachineOptions, ability: HostAbility) {
    this.folder = folder;
    this.disk = join(folder, files.disk);
    this.#options = options;
    this.#ability = ability;
  }

  get accelerator(): HostAbility["accelerator"] {
    return this.#options.emulate === true ? "tcg" : this.#ability.accelerator;
  }

  /** Everything on the console since the machine was last started, without control sequences. */
  get console(): string {
    return plainText(this.#console);
  }

  /** Starts a machine that is off; the console begins anew. */
  async start(): Promise<void> {
    if (this.#guest !== undefined && this.#end === undefined) throw new Fault("running", "The machine runs already");
    await this.#off();
    const { tools, memoryMib, cpus, userData, extra, images } = this.#options;
    this.#console = "";
    this.#seen = 0;
    this.#end = undefined;
    const spec = {
      uuid: this.#uuid,
      memoryMib: memoryMib ?? 512,
      cpus: cpus ?? 2,
      userData: userData !== undefined,
      registry: images !== undefined,
      ephemeralDisks: this.#options.ephemeralDisks?.length ?? 0,
      ...(extra === undefined ? {} : { extra }),
    };
    const { accelerator } = this;
    const args = planQemu(spec, { ...this.#ability, accelerator, firmwareCode: tools.firmwareCode });
    const guest = await Guest.start({
      folder: this.folder,
      command: tools.command(args, this.folder),
      serveControl,
      serveImages:
        images === undefined ? undefined : (socket) => serveRegistry({ folder: images, socket, log: silentLog }),
      onConsole: (text) => {
        this.#console += text;
        this.#wake();
      },
    });
    this.#guest = guest;
    void guest.ended.then((end) => {
      this.#end = describeEnd(end);
      this.#wake();
    });
  }

  /**
   * Waits for text on the console after what the last call found, so that calls in a row follow the boot. Throws with
   * the last lines when it does not come in time or the machine ends.
   */
  async waitForConsole(pattern: RegExp, timeoutMs: number = 300_000): Promise<RegExpExecArray> {
    const wanted = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ""));
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const text = this.console;
      const match = wanted.exec(text.slice(this.#seen));
      if (match !== null) {
        this.#seen += match.index + match[0].length;
        return match;
      }
      const left = deadline - performance.now();
      if (this.#end !== undefined) throw this.#noSuch(pattern, `the machine ended, ${this.#end}`);
      if (left <= 0) throw this.#noSuch(pattern, `not within ${timeoutMs} ms`);
      await this.#changed(Math.min(left, 5000));
    }
  }

  /**
   * The same for several texts that come in any order: lines that go through the journal and those that systemd writes
   * itself overtake each other.
   */
  async waitForAll(patterns: readonly RegExp[], timeoutMs?: number): Promise<void> {
    const begin = this.#seen;
    let end = begin;
    for (const pattern of patterns) {
      this.#seen = begin;
      await this.waitForConsole(pattern, timeoutMs);
      end = Math.max(end, this.#seen);
    }
    this.#seen = end;
  }

  /** One request to the machine's API, over the control channel; `body` is sent as JSON unless it is text. */
  api(method: string, uri: string, body?: unknown): Promise<ApiAnswer> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    return requestApi(this.folder, uri, { method, timeoutMs: 60_000, ...(text === undefined ? {} : { body: text }) });
  }

  /** The machine's API for programs that connect to a socket themselves. */
  get apiSocket(): string {
    return join(this.folder, files.api);
  }

  /** Waits until the API answers; gives the settings. */
  waitForApi(timeoutMs: number = 300_000): Promise<unknown> {
    const meanwhile = (): void => {
      if (this.#end !== undefined) throw this.#noSuch(/API/, `the machine ended, ${this.#end}`);
    };
    return waitForApi(this.folder, { timeoutMs, meanwhile }).catch((thrown: unknown) => {
      throw this.#noSuch(/API/, thrown instanceof Error ? thrown.message : String(thrown));
    });
  }

  /** Runs one command of QEMU, e.g. `system_reset`. */
  async qmp(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const socket = openSocketPath(this.folder, files.qmp);
    try {
      using qmp = await Qmp.connect(socket.path);
      return await qmp.execute(command, args);
    } finally {
      socket.close();
    }
  }

  /** Waits until the machine turns itself off. */
  async waitForEnd(timeoutMs: number = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.#end === undefined) {
      if (performance.now() > deadline) throw this.#noSuch(/power off/, `not within ${timeoutMs} ms`);
      await this.#changed(1000);
    }
    await this.#off();
  }

  /** Kills QEMU between two instructions: what the guest has not flushed may be lost. The machine is off then. */
  async powerCut(): Promise<void> {
    await this.#off();
  }

  /** Lets QEMU write out what the guest has written, and quit; the guest is not asked. The machine is off then. */
  async stop(): Promise<void> {
    if (this.#end === undefined) await this.qmp("quit").catch(() => {}); // QEMU may be gone before it answers
    const deadline = performance.now() + 5000;
    while (this.#end === undefined && performance.now() < deadline) await this.#changed(500);
    await this.#off();
  }

  /** Off and on again, on the same disk; the guest is not asked. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#off();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #off(): Promise<void> {
    await this.#guest?.[Symbol.asyncDispose]();
    this.#guest = undefined;
  }

  #changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }

  #noSuch(pattern: RegExp, why: string): Fault {
    const last = lastLines(this.#console, 40).join("\n");
    return new Fault("not-seen", `Cannot see ${pattern.source}: ${why}; the console ended with:\n${last}`);
  }
}
