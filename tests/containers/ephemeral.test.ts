/** Ephemeral storage on machines with one and with two NVMe disks: lists, init, bind, and doing it all again. */
import { expect, test } from "bun:test";
import { PREPARATION } from "../boot/prepared.ts";
import { SettingsMachine } from "../settings/settings-machine.ts";

const DISK = 512 * 2 ** 20;
const [FIRST, SECOND] = ["/dev/disk/ephemeral/nvme-ephemeral0", "/dev/disk/ephemeral/nvme-ephemeral1"];
const FOLDER = "/var/lib/containerd";

/** Source and type of what is mounted at a path last; undefined when nothing is. */
async function mountedAt(machine: SettingsMachine, path: string): Promise<string | undefined> {
  const lines = (await machine.probe.read("/proc/self/mounts")).split("\n").map((line) => line.split(" "));
  const found = lines.findLast(([, at]) => at === path);
  return found === undefined ? undefined : `${found[0]} ${found[2]}`;
}

const refused = async (machine: SettingsMachine, words: string): Promise<string> => {
  const { code, err } = await machine.client(`ephemeral-storage ${words}`);
  return `${code} ${err.trim()}`;
};

test(
  "one disk: made xfs, bound, kept over a power cut; ext4 in its place only while it is not in use",
  async () => {
    await using machine = await SettingsMachine.boot(undefined, [], { ephemeralDisks: [DISK] });
    expect(await machine.works("ephemeral-storage list-disks")).toBe(`${FIRST}\n`);
    expect(await machine.json("ephemeral-storage list-dirs -f json")).toEqual([FOLDER, "/var/lib/host-containerd"]);
    expect(await refused(machine, "init --disks nvme-other")).toMatch(
      /^1 Status 400 .*"\/dev\/disk\/ephemeral\/nvme-other"/,
    );
    expect(await refused(machine, "init --disks /dev/vda")).toMatch(/^1 Status 400/);
    expect(await refused(machine, "bind --dirs /etc")).toMatch(/^1 Status 400 .*"\/etc"/);
    expect(await refused(machine, `bind --dirs ${FOLDER}`)).toMatch(/^1 Status 409 .*not initialised/);
    expect((await machine.machine.api("GET", "/actions/ephemeral-storage/list-disks?format=xml")).status).toBe(400);

    expect(await machine.works("ephemeral-storage init")).toBe("");
    expect(await machine.works(`ephemeral-storage bind --dirs ${FOLDER}`)).toBe("");
    expect(await mountedAt(machine, FOLDER)).toBe("/dev/nvme0n1 xfs");
    await machine.probe.write(`${FOLDER}/kept`, "here");
    expect(await machine.probe.list("/mnt/.ephemeral")).toEqual(["._var_lib_containerd"]);
    expect(await machine.works("ephemeral-storage init")).toBe("");
    expect(await machine.works(`ephemeral-storage bind --dirs ${FOLDER}`)).toBe("");
    expect(await machine.file(`${FOLDER}/kept`)).toBe("here");
    expect(await refused(machine, "init -t ext4")).toMatch(/^1 Status 409 .*in use as xfs/);

    await machine.powerCut();
    await machine.start();
    expect(await mountedAt(machine, FOLDER)).toBeUndefined();
    expect(await machine.works("ephemeral-storage init -t ext4 --disks nvme-ephemeral0")).toBe("");
    expect(await machine.works(`ephemeral-storage bind --dirs ${FOLDER} /var/lib/host-containerd`)).toBe("");
    expect(await mountedAt(machine, FOLDER)).toBe("/dev/nvme0n1 ext4");
    expect(await mountedAt(machine, "/var/lib/host-containerd")).toBe("/dev/nvme0n1 ext4");
    expect(await machine.file(`${FOLDER}/kept`)).toBeUndefined();
  },
  PREPARATION,
);

test(
  "two disks: one array by bootstrap commands, assembled again at the next boot with what is on it",
  async () => {
    await using machine = await SettingsMachine.boot(
      `
[settings.bootstrap-commands.storage]
commands = [["apiclient", "ephemeral-storage", "init"], ["apiclient", "ephemeral-storage", "bind", "--dirs", "${FOLDER}"]]
mode = "always"
essential = true
`,
      [],
      { ephemeralDisks: [DISK, DISK] },
    );
    expect(await machine.works("ephemeral-storage list-disks")).toBe(`${FIRST}\n${SECOND}\n`);
    expect(await mountedAt(machine, FOLDER)).toBe("/dev/md127 xfs");
    expect(await machine.probe.read("/proc/mdstat")).toMatch(/md127 : active raid0 nvme[01]n1\[\d\] nvme[01]n1\[\d\]/);
    await machine.probe.write(`${FOLDER}/kept`, "here");
    // A shutdown in order: what was written is to be there.
    await machine.machine.qmp("system_powerdown");
    await machine.machine.waitForEnd();
    await machine.powerCut();
    await machine.start();
    expect(await mountedAt(machine, FOLDER)).toBe("/dev/md127 xfs");
    expect(await machine.file(`${FOLDER}/kept`)).toBe("here");
  },
  PREPARATION,
);

test(
  "a power cut while an array is being made: init makes it anew, and it can be used",
  async () => {
    await using machine = await SettingsMachine.boot(undefined, [], { ephemeralDisks: [DISK, DISK] });
    const cut = machine.client("ephemeral-storage init").catch(() => undefined); // the machine is gone before it answers
    await machine.probe.until(
      (probe) => probe.read("/proc/mdstat"),
      (text) => text.includes("active raid0"),
    );
    await machine.powerCut();
    await cut;
    await machine.start();
    expect(await machine.works("ephemeral-storage init")).toBe("");
    expect(await machine.works(`ephemeral-storage bind --dirs ${FOLDER}`)).toBe("");
    expect(await mountedAt(machine, FOLDER)).toBe("/dev/md127 xfs");
  },
  PREPARATION,
);

test(
  "without a disk there is nothing to initialise, which is fine, and nothing to bind to, which is not",
  async () => {
    await using machine = await SettingsMachine.boot();
    expect(await machine.works("ephemeral-storage list-disks")).toBe("");
    expect(await machine.works("ephemeral-storage init")).toBe("");
    expect(await refused(machine, `bind --dirs ${FOLDER}`)).toMatch(/^1 Status 409 .*no disks/);
  },
  PREPARATION,
);
