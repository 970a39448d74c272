/**
 * The tests' side of the probe: `probeImage()` makes the image that has it, `Probe.connect()` asks a machine started
 * from that image with `PROBE_PORT` among its arguments.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { type ControlServer, serveControl } from "../../api/channel/host.ts";
import { silentProgress } from "../../base/progress.ts";
import { buildImage } from "../../image/build.ts";
import type { Call } from "../../containers/containerd/services.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { type Question, type Ran, ran, type Stat, stat } from "./question.ts";

const overlay = fileURLToPath(new URL(".", import.meta.url));
const channelSocket = "probe.sock";

/** Arguments for QEMU that give a machine the probe's port. */
export const PROBE_PORT: readonly string[] = [
  "-chardev",
  `socket,id=probe,path=${channelSocket},server=on,wait=off`,
  "-device",
  "virtserialport,chardev=probe,name=org.sparkler.probe",
];

/** The disk of the default variant's image with the probe in it; built where it is not there yet. */
export async function probeImage(): Promise<string> {
  return (await buildImage({ variant: "qemu-dev", overlays: [overlay], progress: silentProgress })).disk;
}

export class Probe implements AsyncDisposable {
  readonly #control: ControlServer;
  readonly #socket: string;

  private constructor(control: ControlServer, socket: string) {
    this.#control = control;
    this.#socket = socket;
  }

  /** Connects to a machine that is running; questions wait until its probe has started. */
  static async connect(machine: TestMachine): Promise<Probe> {
    const socket = join(machine.folder, "probe-questions.sock");
    const control = await serveControl({
      channelSocket: join(machine.folder, channelSocket),
      apiSocket: socket,
      waitMs: 240_000,
    });
    return new Probe(control, socket);
  }

  /** A file's text. */
  async read(path: string): Promise<string> {
    return z.string().parse(await this.#ask({ ask: "read", path }));
  }

  /** Names in a folder, sorted. */
  async list(path: string): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.#ask({ ask: "list", path }));
  }

  async stat(path: string): Promise<Stat> {
    return stat.parse(await this.#ask({ ask: "stat", path }));
  }

  async write(path: string, text: string): Promise<void> {
    await this.#ask({ ask: "write", path, text });
  }

  /** Runs a program of the image as root. */
  async run(...argv: readonly string[]): Promise<Ran> {
    return ran.parse(await this.#ask({ ask: "run", argv }));
  }

  /** One call by gRPC to what listens on a socket of the machine. */
  async call<I, O>(socket: string, which: Call<I, O>, input: Partial<I>): Promise<O> {
    const message = Buffer.from(which.input.encode(input)).toString("base64");
    const answer = z.string().parse(await this.#ask({ ask: "call", socket, path: which.path, message }));
    return which.output.decode(Buffer.from(answer, "base64"));
  }

  /** What a program prints; it must end with status 0. */
  async output(...argv: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...argv);
    if (status !== 0) throw new Error(`"${argv.join(" ")}" ended with ${status}: ${stderr}`);
    return stdout;
  }

  /** Looks again and again until what it sees is as wanted; fails with what it saw last. */
  async until<T>(look: (probe: this) => Promise<T>, wanted: (seen: T) => boolean, timeoutMs = 240_000): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const seen = await look(this);
      if (wanted(seen)) return seen;
      if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms; seen: ${JSON.stringify(seen)}`);
      await sleep(500);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#control[Symbol.asyncDispose]();
  }

  async #ask(asked: Question): Promise<unknown> {
    const response = await fetch("http://probe/", {
      unix: this.#socket,
      method: "POST",
      // A connection that is kept may be closed from inside at the very moment that it is used again.
      keepalive: false,
      headers: { Connection: "close" },
      body: JSON.stringify(asked),
      signal: AbortSignal.timeout(300_000),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${JSON.stringify(asked)}: ${JSON.stringify(answer)}`);
    return answer;
  }
}
