/** Bootstrap containers on machines: when they run, what they may do, what stays of them, and how an essential one stops a boot. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { PREPARATION, TEST, WAIT } from "../boot/prepared.ts";
import { SettingsMachine } from "../settings/settings-machine.ts";
import { testImage } from "./image.ts";
import { TestRegistry } from "./registry.ts";

/** The image counts its runs, and does what its user data say, which are a shell script. */
const SCRIPT = `
cd /.bottlerocket/bootstrap-containers/current || exit 9
echo run >> runs
exec sh ./user-data
`;

let registry: TestRegistry;
let source = "";

beforeAll(async () => {
  registry = TestRegistry.start();
  registry.put("prepare:1", await testImage({ script: SCRIPT }));
  source = `${registry.host}/prepare:1`;
}, PREPARATION);
afterAll(() => registry[Symbol.asyncDispose]());

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const folder = (name: string): string => `/local/bootstrap-containers/${name}`;

const container = (name: string, mode: string, script: string, essential = false): string => `
[settings.bootstrap-containers.${name}]
source = "${source}"
mode = "${mode}"
essential = ${essential}
user-data = "${base64(script)}"
`;

const withRegistry = (text: string): string => `
[settings.container-registry]
mirrors = [{ registry = "${registry.host}", endpoint = ["${registry.url}"] }]
${text}`;

/** How often a container was run, over all boots. */
async function runs(machine: SettingsMachine, name: string): Promise<number> {
  return ((await machine.file(`${folder(name)}/runs`)) ?? "").split("\n").length - 1;
}

const journal = (machine: SettingsMachine, name: string): Promise<string> =>
  machine.probe.output("/usr/bin/journalctl", "--boot", `--unit=bootstrap-containers@${name}`, "--output=cat");

async function modeOf(machine: SettingsMachine, name: string): Promise<unknown> {
  const text = await machine.works(`get settings.bootstrap-containers.${name}.mode`);
  return /"mode": "(\w+)"/.exec(text)?.[1];
}

/** Monotonic microseconds of what systemd remembers of a unit. */
async function instant(machine: SettingsMachine, unit: string, property: string): Promise<number> {
  return Number(await machine.probe.output("/usr/bin/systemctl", "show", "--value", `--property=${property}`, unit));
}

/** Nothing of a container is left that has ended: no task, no root that is mounted. */
async function expectNothingLeft(machine: SettingsMachine): Promise<void> {
  const tasks = await machine.probe.list("/run/host-containerd/io.containerd.runtime.v2.task/default").catch(() => []);
  expect(tasks.filter((name) => name.startsWith("boot."))).toEqual([]);
  expect(await machine.probe.read("/proc/self/mountinfo")).not.toMatch(/boot\./);
}

test(
  "they run before the machine is configured, once or always, and nothing is left of them; one that fails is told",
  async () => {
    const prepare = [
      "test -S /run/api.sock && echo the API is there",
      "test -e /.bottlerocket/rootfs/etc/os-release && echo the host is there",
      "mkdir /.bottlerocket/rootfs/mnt/made && touch /.bottlerocket/rootfs/usr/made; echo status $?",
      "sleep 2",
    ];
    await using machine = await SettingsMachine.boot(
      withRegistry(
        container("first", "once", prepare.join("\n"), true) +
          container("every", "always", "true") +
          container("fails", "once", "echo cannot >&2; exit 7") +
          container("never", "off", "true"),
      ),
    );
    expect(await runs(machine, "first")).toBe(1);
    expect(await runs(machine, "never")).toBe(0);
    const said = await journal(machine, "first");
    for (const line of ["the API is there", "the host is there"]) expect(said).toContain(line);
    expect(said).toContain("status 1"); // the host's root is not to be written
    expect(await machine.probe.list("/mnt")).toContain("made");
    expect((await machine.probe.stat(folder("first"))).mode).toBe("0700");
    expect((await machine.probe.stat(`${folder("first")}/user-data`)).mode).toBe("0600");
    const ended = await instant(machine, "bootstrap-containers@first.service", "ExecMainExitTimestampMonotonic");
    expect(ended).toBeGreaterThan(0);
    expect(await instant(machine, "configured.target", "ActiveEnterTimestampMonotonic")).toBeGreaterThan(ended);
    expect(await modeOf(machine, "first")).toBe("off");
    expect(await modeOf(machine, "every")).toBe("always");
    expect(await modeOf(machine, "fails")).toBe("once");
    const told = await machine.probe.output(
      "/usr/bin/journalctl",
      "--boot",
      "--unit=bootstrap-containers",
      "-o",
      "cat",
    );
    expect(told).toMatch(/not essential.*name="fails" how="exit status 7"/);
    expect(await journal(machine, "fails")).toContain("cannot");
    await expectNothingLeft(machine);

    // What is set while the machine runs counts from the next boot on, and nothing is run again by a change.
    const changed = { "bootstrap-containers": { later: { source, mode: "once", "user-data": base64("true") } } };
    expect(await machine.works(["set", "-j", JSON.stringify(changed)])).toBe("");
    expect(await machine.works(["set", `bootstrap-containers.every.user-data=${base64("echo new")}`])).toBe("");
    const manual = await machine.probe.run("/usr/bin/systemctl", "start", "bootstrap-containers@later.service");
    expect(manual.status).not.toBe(0);
    expect([await runs(machine, "later"), await runs(machine, "every")]).toEqual([0, 1]);

    await machine.powerCut();
    await machine.start();
    expect([await runs(machine, "first"), await runs(machine, "every"), await runs(machine, "fails")]).toEqual([
      1, 2, 2,
    ]);
    expect(await journal(machine, "every")).toContain("new");
    expect(await runs(machine, "later")).toBe(1);
    expect(await modeOf(machine, "later")).toBe("off");
    await expectNothingLeft(machine);
  },
  2 * PREPARATION,
);

test(
  "an essential one that fails stops the boot and says so; the API mends it",
  async () => {
    await using machine = await SettingsMachine.begin(
      withRegistry(container("must", "once", "echo no disk is ready >&2; exit 3", true)),
    );
    const { machine: bare } = machine;
    await bare.waitForAll(
      [
        /essential bootstrap container \\?"must\\?" failed: exit status 3/,
        /no disk is ready/,
        /bootstrap-containers\.must\.mode=off/,
        /Dependency failed for Machine is configured/,
      ],
      2 * WAIT,
    );
    expect(await modeOf(machine, "must")).toBe("once");
    expect(bare.console).not.toContain("Finished Mark this boot");
    expect(await machine.works("set bootstrap-containers.must.mode=off")).toBe("");
    await machine.powerCut();
    await machine.start();
    expect(await runs(machine, "must")).toBe(1);
  },
  TEST,
);

test(
  "a power cut while one runs: it runs again from a clean start, and then no more",
  async () => {
    await using machine = await SettingsMachine.begin(
      withRegistry(container("slow", "once", "sync; test $(wc -l < runs) -gt 1 || sleep 1000", true)),
    );
    await machine.probe.until(
      async () => runs(machine, "slow"),
      (count) => count === 1,
    );
    await machine.probe.run("/usr/bin/systemctl", "is-active", "configured.target");
    await machine.powerCut();
    await machine.start();
    expect(await runs(machine, "slow")).toBe(2);
    expect(await modeOf(machine, "slow")).toBe("off");
    await expectNothingLeft(machine);
  },
  TEST,
);

test(
  "an essential one whose image nobody has stops the boot after its attempts",
  async () => {
    await using machine = await SettingsMachine.begin(
      withRegistry(`
[settings.bootstrap-containers.gone]
source = "${registry.host}/nothing:1"
mode = "always"
essential = true
`),
    );
    await machine.machine.waitForConsole(/essential bootstrap container \\?"gone\\?" failed/, 2 * WAIT);
    expect(await machine.json("get settings.bootstrap-containers.gone.mode")).toMatchObject({});
  },
  TEST,
);
