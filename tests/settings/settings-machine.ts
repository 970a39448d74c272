/**
 * A machine for tests of settings: booted from the default variant with the probe in it, asked through the very
 * `apiclient` and looked into by the probe. It outlives restarts and power cuts.
 */
import { runApiclient } from "../../api/client/apiclient.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { startMachine, type TestMachine, type TestMachineOptions } from "../../machine/testing.ts";
import { sandboxedTools } from "../../machine/tools.ts";
import { WAIT } from "../boot/prepared.ts";
import { Probe, PROBE_PORT, probeImage } from "../probe/probe.ts";

/** The last line of a boot that got through. */
const READY = /Its API is on \/run\/api\.sock/;

export type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** What else may be said of the machine. */
type Further = Pick<TestMachineOptions, "ephemeralDisks" | "memoryMib">;

export class SettingsMachine implements AsyncDisposable {
  readonly machine: TestMachine;
  #probe: Probe;

  private constructor(machine: TestMachine, probe: Probe) {
    this.machine = machine;
    this.#probe = probe;
  }

  /** Boots with this user data, and these further arguments for QEMU. Waits until all is up. */
  static async boot(userData?: string, extra?: readonly string[], more?: Further): Promise<SettingsMachine> {
    const made = await SettingsMachine.begin(userData, extra, more);
    try {
      await made.#ready();
    } catch (thrown) {
      await made[Symbol.asyncDispose]();
      throw thrown;
    }
    return made;
  }

  /** The same without waiting for more than its console, for boots that are not to get through. */
  static async begin(userData?: string, extra: readonly string[] = [], more: Further = {}): Promise<SettingsMachine> {
    const machine = await startMachine({
      image: await probeImage(),
      tools: sandboxedTools(await toolRoot("vm"), sandboxArgv),
      extra: [...PROBE_PORT, ...extra],
      ...more,
      ...(userData === undefined ? {} : { userData }),
    });
    return new SettingsMachine(machine, await Probe.connect(machine));
  }

  get probe(): Probe {
    return this.#probe;
  }

  /** Cuts the power; the machine is off then. */
  async powerCut(): Promise<void> {
    await this.#probe[Symbol.asyncDispose]();
    await this.machine.powerCut();
  }

  /** Starts it again, on the same disk. Waits until all is up. */
  async start(): Promise<void> {
    await this.machine.start();
    this.#probe = await Probe.connect(this.machine);
    await this.#ready();
  }

  /** Runs `apiclient` with these words, one by one, or as one text that is split at blanks. */
  async client(words: string | readonly string[], stdin = ""): Promise<Ended> {
    let [out, err] = ["", ""];
    const code = await runApiclient(typeof words === "string" ? words.split(" ") : words, {
      socketPath: this.machine.apiSocket,
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      stdin: () => Promise.resolve(stdin),
      people: false,
      environment: { NO_COLOR: "1" },
    });
    return { code, out, err };
  }

  /** What a command that works puts out; it must say nothing else. */
  async works(words: string | readonly string[], stdin = ""): Promise<string> {
    const ended = await this.client(words, stdin);
    if (ended.code !== 0 || ended.err !== "") throw new Error(`"${String(words)}" ended so: ${JSON.stringify(ended)}`);
    return ended.out;
  }

  /** The same, read as JSON. */
  async json(words: string | readonly string[]): Promise<unknown> {
    return JSON.parse(await this.works(words)) as unknown;
  }

  /** Text of a file in the machine, or undefined where there is none. */
  async file(path: string): Promise<string | undefined> {
    return this.#probe.read(path).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#probe[Symbol.asyncDispose]();
    await this.machine[Symbol.asyncDispose]();
  }

  async #ready(): Promise<void> {
    await this.machine.waitForConsole(READY, 3 * WAIT);
  }
}
