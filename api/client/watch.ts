/** `apiclient watch`: what happens, line by line, until it is interrupted. */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../base/result.ts";
import { objectOf } from "./answers.ts";
import { streamFrom } from "./connection.ts";
import type { JsonObject } from "./merge.ts";
import { eventText } from "./show.ts";
import type { Terminal } from "./terminal.ts";

const RETRY_MS = 1000;

/** The data of server-sent events, put together from pieces that are cut anywhere. */
export class EventReader {
  #held = "";

  push(piece: string): readonly JsonObject[] {
    const blocks = `${this.#held}${piece}`.split("\n\n");
    this.#held = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      const data = block
        .split("\n")
        .flatMap((line) => (line.startsWith("data: ") ? [line.slice("data: ".length)] : []))
        .join("\n");
      if (data === "") return [];
      try {
        return [objectOf(JSON.parse(data))];
      } catch {
        return []; // no event of this API
      }
    });
  }
}

/**
 * Ends only by a fault: that of the first connection, or of one that a server refuses. When the server goes away, it is
 * tried again, since a machine's server comes back.
 */
export async function watch(socketPath: string, terminal: Terminal, signal?: AbortSignal): Promise<void> {
  let connected = false;
  for (;;) {
    const reader = new EventReader();
    try {
      const call = { method: "GET", uri: "/events", ...(signal === undefined ? {} : { signal }) };
      for await (const piece of streamFrom(socketPath, call, { agent: "apiclient" })) {
        connected = true;
        for (const event of reader.push(piece)) {
          terminal.out(terminal.people ? eventText(event, terminal.paint) : `${JSON.stringify(event)}\n`);
        }
      }
    } catch (thrown) {
      if (signal?.aborted === true) return;
      if (!connected || !(thrown instanceof Fault) || thrown.code === "status") throw thrown;
    }
    if (signal?.aborted === true) return;
    terminal.err("The API has gone; what happens meanwhile is not shown\n");
    await sleep(RETRY_MS);
  }
}
