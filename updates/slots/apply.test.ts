import { expect, test } from "bun:test";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { FRESH_FLAGS, NO_FLAGS } from "../../disk/gpt/attributes.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import { planUpgrade } from "../../disk/set/plan.ts";
import { osTable } from "../../disk/set/testing.ts";
import { applyState, rewriteTable } from "./apply.ts";
import { readSlots } from "./read.ts";
import { failingDevice, inFolder, makeDisk, refusal } from "./testing.ts";

const before = osTable({ A: FRESH_FLAGS, B: { ...NO_FLAGS, triesLeft: 1 } });
/** One header and one entry array, twice. */
const TOTAL = 2 * (512 + 16_384);
/** Every byte around the edges of sectors and of structures would be slow: both sides of each sector's edge. */
const CUTS = Array.from({ length: TOTAL / 512 + 1 }, (_, sector) => sector * 512)
  .flatMap((edge) => [edge - 1, edge, edge + 1])
  .filter((cut) => cut >= 0 && cut < TOTAL);

test.each(["nothing", "the primary header", "the primary entries", "the backup header"])(
  "applyState() leaves the old or the new flags wherever the power fails, with %s damaged before",
  async (damaged) => {
    await inFolder(async (folder) => {
      const path = join(folder, "disk");
      const hurt: Readonly<Record<string, number>> = {
        "the primary header": 512 + 60,
        "the primary entries": 1024 + 60,
        "the backup header": Number(before.backupLba) * 512 + 60,
      };
      await makeDisk(path, before);
      await using device = await FileDevice.open(path, { writable: true });
      const whole = await device.read(0, device.size);
      const place = hurt[damaged];
      if (place !== undefined) whole.fill(0xee, place, place + 4);
      const edges = [0, device.size - 64 * 512] as const;
      const seen = new Set<string>();
      for (const cut of CUTS) {
        for (const edge of edges) await device.write(edge, whole.subarray(edge, edge + 64 * 512));
        const slots = orThrow(await readSlots(device, { set: "A" }));
        const wanted = orThrow(planUpgrade(slots.state));
        expect(await refusal(applyState(failingDevice(device, cut), slots, wanted))).toContain("power failed");
        const left = orThrow(await readSlots(device, { set: "A" })).state;
        expect([slots.state, wanted]).toContainEqual(left);
        seen.add(left.B?.priority === 2 ? "new" : "old");
      }
      expect([...seen].sort()).toEqual(["new", "old"]);
    });
  },
  30_000,
);

test("applyState() writes nothing for the state that is there", async () => {
  await inFolder(async (folder) => {
    await makeDisk(join(folder, "disk"), before);
    await using device = await FileDevice.open(join(folder, "disk")); // a write would fail: not opened for it
    const slots = orThrow(await readSlots(device, { set: "A" }));
    expect(await applyState(device, slots, slots.state)).toBe(false);
  });
});

test("rewriteTable() repairs a damaged copy", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "disk");
    await makeDisk(path, before);
    await using device = await FileDevice.open(path, { writable: true });
    await device.write(512, new Uint8Array(512));
    const slots = orThrow(await readSlots(device, { set: "A" }));
    expect(slots.reading.damage.map(({ where }) => where)).toEqual(["primary"]);
    await rewriteTable(device, slots);
    expect(orThrow(await readSlots(device, { set: "A" })).reading).toEqual({
      table: before,
      source: "primary",
      damage: [],
    });
  });
});
