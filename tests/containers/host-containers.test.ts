/** Host containers on a machine: from user data and by the API, changed, broken, and kept from the machine. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ContainerMachine } from "./container-machine.ts";
import { testImage } from "./image.ts";

const MINUTES = 60_000;
const TALKS = "echo said on output; echo said on errors >&2; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done";
const STUBBORN = "trap '' TERM; while :; do sleep 1; done";
const FORKS = "trap 'exit 0' TERM; f() { f | f & }; f; while :; do sleep 1; done";
const EATS = "trap 'exit 0' TERM; while :; do tail /dev/zero; done";

let machine: ContainerMachine;

beforeAll(async () => {
  machine = await ContainerMachine.boot(
    async (registry) => {
      registry.put("web:1", await testImage({ script: TALKS }));
      registry.put("docker:1", await testImage({ docker: true, index: true }));
      registry.put("stubborn:1", await testImage({ script: STUBBORN }));
      registry.put("forks:1", await testImage({ script: FORKS }));
      registry.put("eats:1", await testImage({ script: EATS }));
      registry.put("short:1", await testImage({ script: "echo going; exit 3" }));
    },
    () =>
      '[settings.host-containers.web]\nsource = "registry.example/web:1"\nenabled = true\nuser-data = "aGVsbG8="\n' +
      '[settings.bootstrap-containers.none]\nsource = "registry.example/none:1"\nmode = "off"\n',
  );
}, 10 * MINUTES);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
});

async function set(
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return machine.base.client(["set", ...words]);
}

describe("a host container of user data", () => {
  test(
    "runs, and its output is in its unit's journal",
    async () => {
      await machine.untilPhase("web", "running");
      const journal = await machine.journal("host-containers@web.service");
      expect(journal).toContain("said on output");
      expect(journal).toContain("said on errors");
      expect(journal).toContain("The layers are fetched");
    },
    5 * MINUTES,
  );

  test("has the API, its client, its own folder and the machine's names", async () => {
    const release = await machine.inside(
      "web",
      "/bin/sh",
      "-c",
      "apiclient=/usr/local/bin/apiclient; $apiclient get os.variant_id",
    );
    expect(release.stderr).toBe("");
    expect(JSON.parse(release.stdout)).toEqual({ os: { variant_id: "qemu-dev" } });
    const folder = "/.bottlerocket/host-containers/web";
    expect((await machine.inside("web", "/bin/cat", `${folder}/user-data`)).stdout).toBe("hello");
    await machine.inside("web", "/bin/sh", "-c", `echo kept > ${folder}/../current/note`);
    expect(await machine.base.file("/local/host-containers/web/note")).toBe("kept\n");
    const hosts = await machine.inside(
      "web",
      "/bin/cat",
      "/etc/hosts",
      "/etc/resolv.conf",
      "/etc/bottlerocket-release",
    );
    expect(hosts.stdout).toContain("localhost");
    expect(hosts.stdout).toContain("nameserver");
    expect(hosts.stdout).toContain("ID=sparkler");
  });

  test("is known to the API as who made a change", async () => {
    await machine.inside("web", "/usr/local/bin/apiclient", "set", "motd=from a container");
    const history = await machine.base.works("history");
    expect(history).toContain("web");
  });
});

describe("changes while the machine runs", () => {
  test(
    "a container is added by the API: Docker's kind of image, behind an index",
    async () => {
      const added = await set(
        "host-containers.more.source=registry.example/docker:1",
        "host-containers.more.enabled=true",
      );
      expect([added.code, added.err]).toEqual([0, ""]);
      await machine.untilPhase("more", "running");
    },
    4 * MINUTES,
  );

  test(
    "a bad source is in the outcome, is tried again, and bothers nobody else",
    async () => {
      const web = await machine.pid("web");
      const bad = await set(
        "host-containers.bad.source=registry.example/missing:1",
        "host-containers.bad.enabled=true",
      );
      expect(bad.code).toBe(1);
      expect(bad.err).toContain('Host container "bad" does not run yet, and is tried again');
      expect(bad.err).toContain("the registry answers 404");
      const why: unknown = expect.stringContaining("the registry answers 404");
      const shown: unknown = JSON.parse(await machine.base.works("host-containers"));
      expect(shown).toMatchObject([
        { name: "admin", phase: "off" },
        { name: "bad", why },
        { name: "control", enabled: true },
        { name: "more", phase: "running", source: "registry.example/docker:1" },
        { name: "web", phase: "running" },
      ]);
      machine.registry.put("missing:1", await testImage());
      await machine.untilPhase("bad", "running");
      expect(await machine.pid("web")).toBe(web);
    },
    5 * MINUTES,
  );

  test(
    "another source replaces the container, taking it away removes it and leaves nothing unpacked for it",
    async () => {
      const before = await machine.pid("more");
      expect((await set("host-containers.more.source=registry.example/web:1")).code).toBe(0);
      await machine.untilPhase("more", "running");
      expect(await machine.pid("more")).not.toBe(before);
      const written = (await machine.snapshots()).length;
      expect((await machine.base.client(["unset", "host-containers.more"])).code).toBe(0);
      expect((await machine.inside("more", "/bin/true")).status).not.toBe(0);
      await machine.base.probe.until(
        () => machine.snapshots(),
        (seen) => seen.length < written,
      );
      expect(await machine.base.file("/run/host-containers/more/status")).toBeUndefined();
    },
    5 * MINUTES,
  );

  test(
    "one that ends by itself is started again, and the outcome of its change says so",
    async () => {
      const short = await set(
        "host-containers.short.source=registry.example/short:1",
        "host-containers.short.enabled=true",
      );
      expect(short.code).toBe(1);
      expect(short.err).toContain("the container has ended");
      await machine.base.probe.until(
        () => machine.journal("host-containers@short.service"),
        (seen) => seen.split("going").length > 2,
      );
      expect((await set("host-containers.short.enabled=false")).code).toBe(0);
    },
    5 * MINUTES,
  );

  test(
    "one that does not end on SIGTERM is killed after its time",
    async () => {
      await set("host-containers.stubborn.source=registry.example/stubborn:1", "host-containers.stubborn.enabled=true");
      await machine.untilPhase("stubborn", "running");
      const off = await set("host-containers.stubborn.enabled=false");
      expect([off.code, off.err]).toEqual([0, ""]);
      expect(await machine.journal("host-containers@stubborn.service")).toContain(
        "does not end on SIGTERM; killing it",
      );
    },
    5 * MINUTES,
  );
});

describe("what must not stop a container", () => {
  test(
    "its runner is killed: the next one finds it running",
    async () => {
      const pid = await machine.pid("web");
      await machine.base.probe.output(
        "/usr/bin/systemctl",
        "kill",
        "--kill-whom=main",
        "--signal=KILL",
        "host-containers@web.service",
      );
      await machine.base.probe.until(
        () => machine.journal("host-containers@web.service"),
        (seen) => seen.includes("The container runs already; going on with it"),
      );
      expect(await machine.pid("web")).toBe(pid);
    },
    4 * MINUTES,
  );

  test(
    "its containerd is killed: it is there when that is back, and can be stopped and started",
    async () => {
      const pid = await machine.pid("web");
      const before = await runtimePid();
      await killRuntime();
      await machine.base.probe.until(runtimePid, (seen) => seen !== before && seen !== "0");
      await machine.base.probe.until(
        () => machine.base.probe.run("/usr/bin/systemctl", "is-active", "host-containerd.service"),
        (seen) => seen.stdout.trim() === "active",
      );
      expect(await machine.pid("web")).toBe(pid);
      await offAndOn();
    },
    6 * MINUTES,
  );

  test(
    "its containerd is killed, and it is stopped in the same moment",
    async () => {
      await killRuntime();
      await offAndOn();
      const journal = await machine.journal("host-containers@web.service");
      expect(journal).not.toContain("giving up");
      expect(journal).not.toContain("does not end on SIGTERM");
    },
    6 * MINUTES,
  );

  test(
    "its runner is killed, and it is stopped before there is another",
    async () => {
      const { probe } = machine.base;
      const late = "/run/systemd/system/host-containers@web.service.d/late.conf";
      await probe.write(late, "[Service]\nRestartSec=1h\nRestartSteps=0\n");
      await probe.output("/usr/bin/systemctl", "daemon-reload");
      const kill = ["kill", "--kill-whom=main", "--signal=KILL", "host-containers@web.service"];
      await probe.output("/usr/bin/systemctl", ...kill);
      await probe.until(
        () => probe.run("/usr/bin/systemctl", "show", "--value", "--property=SubState", "host-containers@web.service"),
        (seen) => seen.stdout.startsWith("auto-restart"),
      );
      expect((await machine.inside("web", "/bin/true")).status).toBe(0);
      await probe.write(late, "");
      await probe.output("/usr/bin/systemctl", "daemon-reload");
      await offAndOn();
    },
    6 * MINUTES,
  );
});

/** The process of the runtime of host containers; "0" while there is none. */
async function runtimePid(): Promise<string> {
  const asked = ["show", "--value", "--property=MainPID", "host-containerd.service"];
  return (await machine.base.probe.output("/usr/bin/systemctl", ...asked)).trim();
}

async function killRuntime(): Promise<void> {
  const kill = ["kill", "--kill-whom=main", "--signal=KILL", "host-containerd.service"];
  await machine.base.probe.output("/usr/bin/systemctl", ...kill);
}

/** Nothing of it may run once a change that turns it off has been answered. */
async function offAndOn(): Promise<void> {
  const off = await set("host-containers.web.enabled=false");
  expect([off.code, off.err]).toEqual([0, ""]);
  expect((await machine.inside("web", "/bin/true")).status).not.toBe(0);
  const on = await set("host-containers.web.enabled=true");
  expect([on.code, on.err]).toEqual([0, ""]);
  await machine.untilPhase("web", "running");
}

describe("containers that take all they get", () => {
  test.each([["forks"], ["eats"]])(
    "%s: the API and the other containers answer, and it can be stopped",
    async (name) => {
      await set(`host-containers.${name}.source=registry.example/${name}:1`, `host-containers.${name}.enabled=true`);
      await machine.base.probe.until(
        () => machine.phase(name),
        (seen) => seen === "running" || seen === "failing",
      );
      await Bun.sleep(5000);
      expect(JSON.parse(await machine.base.works("get os.variant_id"))).toEqual({ os: { variant_id: "qemu-dev" } });
      expect((await machine.inside("web", "/bin/echo", "here")).stdout).toBe("here\n");
      const off = await set(`host-containers.${name}.enabled=false`);
      expect([off.code, off.err]).toEqual([0, ""]);
    },
    6 * MINUTES,
  );
});

describe("the way in", () => {
  const works = { status: 0, out: "in\n" };

  test(
    "is there whatever happens to the runtime of workloads: killed, and with a file that it refuses",
    async () => {
      const { probe } = machine.base;
      await machine.untilPhase("control", "running");
      await probe.output("/usr/bin/systemctl", "kill", "--signal=KILL", "containerd.service");
      expect(await control("echo", "in")).toEqual(works);
      await probe.write("/etc/containerd/config.toml", "what is this");
      expect((await probe.run("/usr/bin/systemctl", "restart", "containerd.service")).status).not.toBe(0);
      expect(await control("echo", "in")).toEqual(works);
      expect(await control("sh", "-c", "exit 7")).toEqual({ status: 7, out: "" });
      // A change that concerns it writes its file anew.
      const changed = await machine.base.client(["set", "oci-defaults.capabilities.net-raw=false"]);
      expect([changed.code, changed.err]).toEqual([0, ""]);
      await probe.until(
        () => probe.run("/usr/bin/systemctl", "is-active", "containerd.service"),
        (seen) => seen.stdout.trim() === "active",
      );
    },
    6 * MINUTES,
  );

  test(
    "is there after 50 changes in a row, of which each concerns it or a runtime",
    async () => {
      const api = machine.base.machine;
      for (let number = 0; number < 50; number++) {
        const registry = {
          registry: "registry.example",
          endpoint: [machine.registry.url, `http://m${number}.example`],
        };
        const settings = {
          "container-registry": { mirrors: [registry] },
          "host-containers": { more: { source: "registry.example/web:1", enabled: number % 2 === 1 } },
        };
        expect((await api.api("PATCH", "/settings?tx=many", settings)).status).toBe(204);
        expect((await api.api("POST", "/tx/commit_and_apply?tx=many")).status).toBe(200);
      }
      await machine.untilPhase("more", "running");
      expect(await control("echo", "in")).toEqual(works);
      expect(JSON.parse(await machine.base.works("get settings.container-registry"))).toMatchObject({
        settings: { "container-registry": { mirrors: [{ endpoint: [machine.registry.url, "http://m49.example"] }] } },
      });
    },
    10 * MINUTES,
  );
});

/** One command in the control container, by the API, as an operator runs it. */
async function control(...words: readonly string[]): Promise<{ readonly status: number; readonly out: string }> {
  const argv = ["exec", "--no-tty", "control", ...words];
  const child = Bun.spawn(
    [process.execPath, "bin/host.ts", "apiclient", "--socket-path", machine.base.machine.apiSocket, ...argv],
    { cwd: join(import.meta.dir, "../.."), stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  return { out: await child.stdout.text(), status: await child.exited };
}
