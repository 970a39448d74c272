/** Whatever goes wrong while an image is pulled is said, tried again, mended by itself, and leaves nothing behind. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { ContainerMachine } from "./container-machine.ts";
import { testImage } from "./image.ts";
import { TestRegistry } from "./registry.ts";

const MINUTES = 60_000;
const BALLAST = 6 * 1024 * 1024;
let machine: ContainerMachine;

beforeAll(async () => {
  machine = await ContainerMachine.boot(
    async (registry) => registry.put("web:1", await testImage()),
    () => '[settings.host-containers.web]\nsource = "registry.example/web:1"\nenabled = true\n',
  );
  await machine.untilPhase("web", "running");
}, 10 * MINUTES);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
});

beforeEach(() => {
  machine.registry.fault = () => undefined;
});

/** Asks for a container of a new image with a layer that does not compress; what came of the change. */
async function start(name: string): Promise<{ readonly code: number; readonly err: string }> {
  machine.registry.put(`${name}:1`, await testImage({ ballast: BALLAST }));
  const words = [`host-containers.${name}.source=registry.example/${name}:1`, `host-containers.${name}.enabled=true`];
  return machine.base.client(["set", ...words]);
}

async function remove(name: string): Promise<void> {
  expect((await machine.base.client(["unset", `host-containers.${name}`])).code).toBe(0);
}

test(
  "a registry that does not answer",
  async () => {
    const words = ["host-containers.away.source=10.0.2.2:1/away:1", "host-containers.away.enabled=true"];
    const outcome = await machine.base.client(["set", ...words]);
    expect([outcome.code, outcome.err]).toEqual([1, expect.stringContaining('Cannot reach "https://10.0.2.2:1"')]);
    await remove("away");
  },
  4 * MINUTES,
);

test(
  "a registry that is busy: 429, twice",
  async () => {
    let left = 2;
    machine.registry.fault = ({ path }) =>
      path.includes("/manifests/") && left-- > 0 ? { status: 429, headers: { "Retry-After": "1" } } : undefined;
    expect((await start("busy")).err).toContain("the registry answers 429");
    await machine.untilPhase("busy", "running");
    await remove("busy");
  },
  5 * MINUTES,
);

test(
  "a layer that ends early is taken up where it ended, one with other bytes is not taken",
  async () => {
    let cut = false;
    machine.registry.fault = ({ blob, path }) => {
      if (blob === undefined || !path.includes("/cut/") || cut) return undefined;
      cut = true;
      return { cutAfter: 100 };
    };
    await start("cut");
    await machine.untilPhase("cut", "running");
    await remove("cut");
    let wrong = 0;
    machine.registry.fault = ({ blob }) => (blob !== undefined && wrong++ < 3 ? { wrong: true } : undefined);
    const outcome = await start("wrong");
    expect([outcome.code, outcome.err]).toEqual([1, expect.stringContaining("sha256:")]);
    await machine.untilPhase("wrong", "running");
    await remove("wrong");
  },
  8 * MINUTES,
);

test(
  "a registry that wants credentials",
  async () => {
    await using closed = TestRegistry.start({ credentials: { username: "reader", password: "Secret-42" } });
    closed.put("own:1", await testImage());
    const mirror = { registry: "closed.example", endpoint: [closed.url] };
    const mirrors = [{ registry: "registry.example", endpoint: [machine.registry.url] }, mirror];
    const set = await machine.base.client(["set", `container-registry.mirrors=${JSON.stringify(mirrors)}`]);
    expect([set.code, set.err]).toEqual([0, ""]);
    const words = ["host-containers.own.source=closed.example/own:1", "host-containers.own.enabled=true"];
    const refused = await machine.base.client(["set", ...words]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("the registry wants credentials")]);
    const credentials = [{ registry: closed.host, username: "reader", password: "Secret-42" }];
    const given = await machine.base.client(["set", `container-registry.credentials=${JSON.stringify(credentials)}`]);
    // The container's own trouble is still on the record of what does not work.
    expect(given.err).not.toContain("Secret-42");
    await machine.untilPhase("own", "running");
    expect(await machine.base.probe.output("/usr/bin/journalctl", "--boot", "--no-pager")).not.toContain("Secret-42");
    await remove("own");
  },
  6 * MINUTES,
);

test(
  "a full disk: said, and mended once there is room; others, the API and settings go on",
  async () => {
    const fill = "/.bottlerocket/host-containers/current/fill";
    await machine.inside("web", "/bin/sh", "-c", `cat /dev/zero > ${fill}`);
    try {
      await start("large");
      await machine.base.probe.until(
        () => machine.base.file("/run/host-containers/large/status"),
        (seen) => seen?.includes("no space left on device") === true,
      );
      expect((await machine.inside("web", "/bin/echo", "here")).stdout).toBe("here\n");
      expect((await machine.inside("control", "/bin/echo", "here")).stdout).toBe("here\n");
      // The way in does not even need room to be started anew.
      for (const enabled of [false, true]) {
        const { err } = await machine.base.client(["set", `host-containers.control.enabled=${enabled}`]);
        expect(err).not.toContain('Host container "control"'); // the other one may be on the record
      }
      expect((await machine.inside("control", "/bin/echo", "again")).stdout).toBe("again\n");
    } finally {
      await machine.inside("web", "/bin/rm", fill); // or the tests that follow fail of it as well
    }
    await machine.untilPhase("large", "running");
    await remove("large");
  },
  8 * MINUTES,
);

test(
  "containerd is killed in mid-pull",
  async () => {
    machine.registry.fault = ({ blob }) => (blob === undefined ? undefined : { slow: BALLAST / 8 });
    const starting = start("killed");
    await machine.untilPhase("killed", "pulling");
    await Bun.sleep(2000);
    await machine.base.probe.output(
      "/usr/bin/systemctl",
      "kill",
      "--signal=KILL",
      "--kill-whom=main",
      "host-containerd.service",
    );
    await starting;
    machine.registry.fault = () => undefined;
    await machine.untilPhase("killed", "running");
    await remove("killed");
  },
  6 * MINUTES,
);

test(
  "the power is cut in mid-pull: the next boot pulls it whole and keeps nothing else",
  async () => {
    machine.registry.fault = ({ blob }) => (blob === undefined ? undefined : { slow: BALLAST / 20 });
    const starting = start("power").catch(() => undefined);
    await machine.untilPhase("power", "pulling");
    await Bun.sleep(3000);
    await machine.base.powerCut();
    await starting;
    machine.registry.fault = () => undefined;
    await machine.base.start();
    await machine.untilPhase("power", "running");
    await machine.untilPhase("web", "running");
    // Three layers of the new image of which two are the other's as well, and what each of the two containers writes to.
    await machine.base.probe.until(
      () => machine.snapshots(),
      (seen) => seen.length === 5,
    );
    await remove("power");
  },
  8 * MINUTES,
);

test(
  "the power is cut just after a pull, and the registry is away then: containers start from the images of before",
  async () => {
    await start("late");
    await machine.untilPhase("late", "running");
    machine.registry.fault = () => ({ status: 503 });
    await machine.base.powerCut();
    await machine.base.start();
    for (const name of ["web", "late"]) {
      await machine.untilPhase(name, "running");
      expect(await machine.journal(`host-containers@${name}.service`)).toContain("using the copy from before");
      expect((await machine.inside(name, "/bin/echo", "whole")).stdout).toBe("whole\n");
    }
  },
  8 * MINUTES,
);
