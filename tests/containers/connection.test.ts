/** A containerd that goes away in the middle of calls, which would never be answered. */
import { expect, test } from "bun:test";
import { Containerd, hasCode } from "../../containers/containerd/connection.ts";
import { content, tasks, versions, WRITE_STAT } from "../../containers/containerd/services.ts";
import { thrownBy } from "../../machine/testing.ts";
import { TestRuntime } from "./runtime.ts";

const MINUTE = 60_000;

test(
  "calls and streams that wait for an answer fail when containerd ends, and later ones reach its successor's socket",
  async () => {
    const runtime = await TestRuntime.start();
    using containerd = new Containerd({ socket: runtime.socket, namespace: runtime.namespace });
    try {
      await runtime.makeContainer("one");
      const forever = { timeoutMs: Number.POSITIVE_INFINITY };
      const waiting = thrownBy(containerd.call(tasks.wait, { containerId: "one" }, forever));
      const exchange = containerd.exchange(content.write);
      await exchange.ask({ ref: "r", total: 5, action: WRITE_STAT });
      runtime.kill();
      expect(hasCode(await waiting, "unavailable")).toBe(true);
      const asked = await thrownBy(exchange.ask({ ref: "r", total: 5, action: WRITE_STAT }));
      expect(hasCode(asked, "unavailable") || hasCode(asked, "containerd-failed")).toBe(true);
      expect(hasCode(await thrownBy(containerd.call(versions.get, {})), "unavailable")).toBe(true);
    } finally {
      await runtime[Symbol.asyncDispose]();
    }
  },
  2 * MINUTE,
);
