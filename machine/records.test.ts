import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { files } from "./paths.ts";
import { thrownBy } from "./testing.ts";
import { identify } from "./process.ts";
import { readMachine, readRunning, writeMachine, writeRunning } from "./records.ts";

const folder = await mkdtemp(join(tmpdir(), "sparkler-records-"));
afterAll(() => rm(folder, { recursive: true }));

const machine = {
  uuid: "6f1c2f6e-0f0d-4f3a-9c55-0123456789ab",
  variant: "qemu-dev",
  image: "image-1",
  memoryMib: 512,
  createdAt: "2026-01-01T00:00:00.000Z",
};

test("readMachine() reads what writeMachine() wrote, and finds nothing where there is nothing", async () => {
  expect(await readMachine(join(folder, "none"))).toBeUndefined();
  await writeMachine(folder, machine);
  expect(await readMachine(folder)).toEqual(machine);
});

test("readMachine() reports a damaged record", async () => {
  const damaged = join(folder, "damaged");
  await mkdir(damaged);
  await writeFile(join(damaged, files.record), '{"uuid": 1');
  expect(await thrownBy(readMachine(damaged))).toMatchObject({ code: "bad-record" });
});

test("readRunning() takes a machine for stopped when its process number is used by another program", async () => {
  const own = identify(process.pid) ?? { pid: 0, start: "" };
  const record = { monitor: own, qemu: own, startedAt: machine.createdAt, accelerator: "tcg" } as const;
  await writeRunning(folder, record);
  expect(await readRunning(folder)).toEqual(record);
  await writeRunning(folder, { ...record, qemu: { pid: own.pid, start: "1" } });
  expect(await readRunning(folder)).toBeUndefined();
});
