/** User data that lies in drives, on booted machines: a NoCloud volume, an OVF CD-ROM, and one that cannot be taken. */
import { beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { machineThatIsOff, type Prepared, prepare, PREPARATION, TEST } from "../boot/prepared.ts";
import { apiclient, succeed } from "./client.ts";

let prepared: Prepared;

beforeAll(async () => {
  prepared = await prepare();
}, PREPARATION);

/** Arguments for QEMU that give a machine a drive from a file of its folder. */
function drive(file: string): readonly string[] {
  return ["-drive", `if=virtio,format=raw,readonly=on,file=${file}`];
}

/** Makes a volume with `work` in a folder of its own and puts it into the machine's. */
async function put(machine: TestMachine, file: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sparkler-drive-"));
  try {
    await work(folder);
    await rename(join(folder, file), join(machine.folder, file)).catch(async () => {
      await Bun.write(join(machine.folder, file), Bun.file(join(folder, file)));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tool(root: string, folder: string, argv: readonly [string, ...string[]]): Promise<void> {
  orThrow(await run(sandboxArgv({ root, binds: [{ from: folder, to: "/work", write: true }], argv, cwd: "/work" })));
}

async function makeNoCloud(folder: string, text: string): Promise<void> {
  await writeFile(join(folder, "user-data"), text);
  await writeFile(join(folder, "seed.img"), "");
  await truncate(join(folder, "seed.img"), 4 * 2 ** 20);
  await tool(prepared.build, folder, ["/usr/sbin/mkfs.fat", "-n", "CIDATA", "/work/seed.img"]);
  await tool(prepared.build, folder, ["/usr/bin/mcopy", "-i", "/work/seed.img", "/work/user-data", "::"]);
}

async function makeCdRom(folder: string, text: string): Promise<void> {
  const value = gzipSync(Buffer.from(text)).toString("base64");
  await mkdir(join(folder, "content"));
  await writeFile(
    join(folder, "content/ovf-env.xml"),
    `<Environment xmlns:oe="urn:x"><PropertySection><Property oe:key="user-data" oe:value="${value}"/></PropertySection></Environment>`,
  );
  const argv = ["/usr/bin/xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", "OVF ENV"] as const;
  await tool(prepared.test, folder, [...argv, "-o", "/work/cd.iso", "/work/content"]);
}

test(
  "a CD-ROM and a NoCloud volume are both taken, the volume over the CD-ROM, and explain says so",
  async () => {
    const extra = [...drive("cd.iso"), ...drive("seed.img")];
    await using machine = await machineThatIsOff(prepared, { extra });
    await put(machine, "cd.iso", (folder) =>
      makeCdRom(folder, '[settings]\nmotd = "cd"\n[settings.network]\nhostname = "from-cd"\n'),
    );
    await put(machine, "seed.img", (folder) => makeNoCloud(folder, '[settings]\nmotd = "volume"\n'));
    await machine.start();
    await machine.waitForConsole(/Reached target .*Machine is configured/);
    expect(JSON.parse(await succeed(machine, "-u", "/settings"))).toMatchObject({
      motd: "volume",
      network: { hostname: "from-cd" },
    });
    expect(await succeed(machine, "explain", "settings.motd")).toContain("volume");
    expect(await succeed(machine, "explain", "settings.network.hostname")).toContain("CD-ROM");
  },
  TEST,
);

test(
  "a volume that cannot be taken holds the boot, says every problem, and the API mends it",
  async () => {
    await using machine = await machineThatIsOff(prepared, { extra: drive("seed.img") });
    await put(machine, "seed.img", (folder) =>
      makeNoCloud(folder, '[settings]\nmotdd = "x"\n[settings.network]\nhostname = "a b"\n'),
    );
    await machine.start();
    await machine.waitForConsole(/Boot waits for settings/);
    for (const part of ["motdd", "network.hostname", "volume vdb"]) expect(machine.console).toContain(part);
    expect((await apiclient(machine, ["set", "motd=mended"])).status).toBe(0);
    await machine.waitForConsole(/Reached target .*Machine is configured/);
    expect(JSON.parse(await succeed(machine, "-u", "/settings"))).toMatchObject({ motd: "mended" });
  },
  TEST,
);
