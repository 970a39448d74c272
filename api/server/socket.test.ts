import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLog } from "../../base/log.ts";
import { routes } from "./routes.ts";
import { ServerRig } from "./rig.ts";
import { ApiServer } from "./server.ts";

let rig: ServerRig;

beforeEach(async () => {
  rig = await ServerRig.start();
});

afterEach(() => rig[Symbol.asyncDispose]());

describe("ApiServer", () => {
  test("its socket has mode 0660, and is gone after stopping", async () => {
    expect(statSync(rig.socket).mode & 0o777).toBe(0o660);
    await rig.stopServer();
    expect(() => statSync(rig.socket)).toThrow();
  });

  test("takes the place of a stale socket, a file, or another server, whose end then leaves the new socket", async () => {
    const path = join(rig.folder, "stale.sock");
    writeFileSync(path, "stale");
    const options = {
      engine: rig.engine,
      socketPath: path,
      log: createLog({ component: "x", level: "error" }),
      reboot: rig.rebooting,
    };
    const first = await ApiServer.start(options);
    await using _second = await ApiServer.start(options);
    await first[Symbol.asyncDispose]();
    expect((await fetch("http://localhost/os", { unix: path, keepalive: false })).status).toBe(200);
  });

  test("cannot start where it cannot bind, and leaves nothing behind", async () => {
    const options = {
      engine: rig.engine,
      socketPath: join(rig.folder, "no", "api.sock"),
      log: createLog({ component: "x" }),
      reboot: rig.rebooting,
    };
    const started = await ApiServer.start(options).then(
      () => "started",
      (thrown: unknown) => String(thrown),
    );
    expect(started).toContain("Cannot listen on");
  });

  test("waits for applying to end when it stops", async () => {
    let finished = false;
    rig.applying = async () => {
      await Bun.sleep(60);
      finished = true;
      return {};
    };
    await rig.call("POST", "/tx/apply");
    await rig.stopServer();
    expect(finished).toBe(true);
  });

  test("has one route for each method and path", () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(15);
  });
});
