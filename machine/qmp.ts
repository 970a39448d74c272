/**
 * A client for QEMU's machine protocol (QMP) over its Unix socket: one command at a time, events passed over.
 */
import { connect, type Socket } from "node:net";
import { createInterface, type Interface } from "node:readline";
import { z } from "zod";
import { Fault } from "../base/result.ts";

export type QmpFault = "no-machine" | "refused";

type Message = { readonly return?: unknown; readonly error?: { readonly desc: string } | undefined };
const messageSchema: z.ZodType<Message> = z.object({
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
});

export class Qmp implements Disposable {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = createInterface({ input: socket });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Connects and leaves the greeting behind. Throws `no-machine` when nothing listens. */
  static async connect(path: string, timeoutMs: number = 5000): Promise<Qmp> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const opened = connect(path);
      opened.once("connect", () => resolve(opened));
      opened.once("error", (cause) => reject(Fault.from("no-machine", "Cannot reach QEMU", cause)));
    });
    socket.on("error", () => socket.destroy()); // QEMU ends; the next command says so
    socket.setTimeout(timeoutMs, () => socket.destroy());
    const qmp = new Qmp(socket);
    try {
      await qmp.#lines.next();
      await qmp.execute("qmp_capabilities");
    } catch (thrown) {
      qmp[Symbol.dispose]();
      throw thrown;
    }
    return qmp;
  }

  /** Runs one command and returns its answer. Throws `refused` with QEMU's reason, `no-machine` when QEMU is gone. */
  async execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#socket.write(`${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) })}\n`);
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) throw new Fault("no-machine", `Cannot run "${command}": QEMU ended`);
      const message = messageSchema.parse(JSON.parse(line.value));
      if (message.error !== undefined) throw new Fault("refused", `Cannot run "${command}": ${message.error.desc}`);
      if (message.return !== undefined) return message.return;
    }
  }

  [Symbol.dispose](): void {
    this.#reader.close();
    this.#socket.destroy();
  }
}
