/** A store that is no store any more: the machine says so, keeps the file, and comes up with its last good settings. */
import { expect, test } from "bun:test";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import { readTable } from "../../disk/gpt/read.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { machineThatIsOff, prepare, PREPARATION, type Prepared } from "../boot/prepared.ts";
import { succeed } from "./client.ts";

const SECTOR = 512;

type Place = { readonly offset: number; readonly size: number };

async function placeOfPrivate(machine: TestMachine): Promise<Place> {
  await using device = await FileDevice.open(machine.disk, { sectorSize: SECTOR });
  const { table } = orThrow(await readTable(device));
  const found = table.partitions.find(({ name }) => name === "SPARKLER-PRIVATE");
  if (found === undefined) throw new Error("the disk has no PRIVATE partition");
  return { offset: Number(found.firstLba) * SECTOR, size: Number(found.lastLba - found.firstLba + 1n) * SECTOR };
}

/** Copies bytes from one place of a file to one of another. */
async function copy(from: { path: string; at: number }, to: { path: string; at: number }, size: number): Promise<void> {
  await using source = await open(from.path, "r");
  await using target = await open(to.path, "r+");
  const buffer = Buffer.alloc(2 ** 20);
  for (let done = 0; done < size;) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - done), from.at + done);
    await target.write(buffer, 0, bytesRead, to.at + done);
    done += bytesRead;
  }
}

/** Works on the PRIVATE file system of a machine that is off, with e2fsprogs of the locked set. */
async function onPrivate(prepared: Prepared, machine: TestMachine, commands: readonly string[]): Promise<string> {
  const { offset, size } = await placeOfPrivate(machine);
  const path = join(machine.folder, "private.ext4");
  await writeFile(path, "");
  await copy({ path: machine.disk, at: offset }, { path, at: 0 }, size);
  const inside = (argv: readonly [string, ...string[]]): ReturnType<typeof run> =>
    run(
      sandboxArgv({
        root: prepared.build,
        binds: [{ from: machine.folder, to: "/work", write: true }],
        argv,
        cwd: "/work",
      }),
    );
  await inside(["/usr/sbin/e2fsck", "-p", "/work/private.ext4"]); // replays the journal; 1 says that it did
  let said = "";
  for (const command of commands) {
    said += orThrow(await inside(["/usr/sbin/debugfs", "-w", "-R", command, "/work/private.ext4"])).stdout;
  }
  await copy({ path, at: 0 }, { path: machine.disk, at: offset }, size);
  return said;
}

test(
  "a store of noise is kept aside, and the settings are those of the last good state",
  async () => {
    const prepared = await prepare();
    await using machine = await machineThatIsOff(prepared);
    await machine.start();
    await machine.waitForConsole(/Its API is on/);
    await succeed(machine, "set", "motd=good", 'kernel.sysctl."vm.swappiness"=9');
    // In order: the backup of the settings is written a moment after a change, and when the server ends.
    await machine.qmp("system_powerdown");
    await machine.waitForEnd(180_000);
    await writeFile(join(machine.folder, "noise"), crypto.getRandomValues(new Uint8Array(40_000)));
    const listed = await onPrivate(prepared, machine, ["ls -p /settings"]);
    const store = /\/(store-[^/]+\.sqlite)\//.exec(listed)?.[1] ?? "";
    expect(store).not.toBe("");
    await onPrivate(prepared, machine, [`rm /settings/${store}`, `write /work/noise /settings/${store}`]);

    await machine.start();
    await machine.waitForConsole(/Its API is on/);
    expect(machine.console).toMatch(/store.*(damaged|kept aside)/i);
    const settings = JSON.parse(await succeed(machine, "-u", "/settings")) as Record<string, unknown>;
    expect(settings).toMatchObject({ motd: "good", kernel: { sysctl: { "vm.swappiness": "9" } } });
    await succeed(machine, "set", "motd=mended");
    await machine.powerCut();
    const after = await onPrivate(prepared, machine, ["ls -p /settings"]);
    expect(after).toMatch(/\.damaged-/);
  },
  PREPARATION,
);
