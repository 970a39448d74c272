/** What the operator's machine sees of a machine's API: `apiclient` through the control channel, event streams too. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { serveGuest } from "../../api/channel/guest.ts";
import { serveControl } from "../../api/channel/host.ts";
import { FakePort } from "../../api/channel/testing.ts";
import { ClientRig } from "../../api/client/rig.ts";
import { silentLog } from "../../base/log.ts";

test("a change and the events of it go through the control channel, and leaving ends the stream at the server", async () => {
  await using rig = await ClientRig.start();
  const path = (name: string): string => join(rig.machine.root, name);
  await using port = new FakePort(path("port"), { tellsAway: true });
  const end = new AbortController();
  const served = serveGuest({ device: port.device, apiSocket: rig.socket, log: silentLog, signal: end.signal });
  {
    await using _host = await serveControl({ channelSocket: path("port"), apiSocket: path("outside") });
    const stop = new AbortController();
    const watching = rig.run(["-s", path("outside"), "watch"], {
      signal: stop.signal,
      onOut: (out) => (out.includes("unit-failed") ? stop.abort() : undefined),
    });
    while (rig.failUnit === undefined) await Bun.sleep(5);
    const changed = await rig.run(["-s", path("outside"), "set", "motd=from outside"]);
    expect(changed).toEqual({ code: 0, out: "", err: "" });
    rig.failUnit({ unit: "last.service", result: "timeout", at: "2026-01-01T00:00:00.000Z" });
    const { out } = await watching;
    const kinds = out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toEqual(["commit", "apply-start", "apply", "unit-failed"]);
    while (rig.failUnit !== undefined) await Bun.sleep(5);
  }
  end.abort();
  await served;
}, 60_000);
