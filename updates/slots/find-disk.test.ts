import { expect, test } from "bun:test";
import { join } from "node:path";
import { findOsDisk } from "./find-disk.ts";
import { type FakeBlock, inFolder, makeSys } from "./testing.ts";

const disk: readonly FakeBlock[] = [
  { folder: "pci/virtio1/vda", dev: "254:0" },
  { folder: "pci/virtio1/vda/vda3", dev: "254:3", partition: 3 },
  { folder: "pci/virtio1/vda/vda4", dev: "254:4", partition: 4 },
  { folder: "pci/nvme0n1", dev: "259:0", node: "nvme0n1" },
  { folder: "pci/nvme0n1/nvme0n1p6", dev: "259:6", partition: 6 },
];
const vda = ["pci/virtio1/vda/vda3", "pci/virtio1/vda/vda4"];
const root = (slaves: readonly string[]): FakeBlock => ({ folder: "virtual/block/dm-0", dev: "253:0", slaves });

async function find(blocks: readonly FakeBlock[], rootDevice = "253:0"): Promise<unknown> {
  return inFolder(async (folder) => {
    await makeSys(join(folder, "sys"), blocks);
    const found = await findOsDisk({ sys: join(folder, "sys"), rootDevice });
    return found.ok ? found.value : found.fault.message;
  });
}

test("findOsDisk() goes from the dm device under / to the disk of its partitions", async () => {
  expect(await find([...disk, root(vda)])).toEqual({ path: "/dev/vda", partitions: [3, 4] });
});

test("findOsDisk() follows one dm device to another", async () => {
  const blocks = [...disk, root(["virtual/block/dm-1"]), { ...root(vda), folder: "virtual/block/dm-1", dev: "253:1" }];
  expect(await find(blocks)).toEqual({ path: "/dev/vda", partitions: [3, 4] });
});

test.each<readonly [what: string, blocks: readonly FakeBlock[], device: string, message: string]>([
  ["that is no block device", disk, "0:25", "no block device"],
  ["on a partition itself", disk, "254:3", "wanted a dm-verity device"],
  ["on a whole disk below dm", [...disk, root(["pci/virtio1/vda"])], "253:0", '"vda" below "/" is no partition'],
  ["over two disks", [...disk, root([...vda, "pci/nvme0n1/nvme0n1p6"])], "253:0", "spread over 2 disks"],
])("findOsDisk() refuses a root %s", async (_, blocks, device, message) => {
  expect(await find(blocks, device)).toContain(message);
});

test("findOsDisk() reads the real / of this machine without throwing", async () => {
  const found = await findOsDisk();
  expect(typeof found.ok).toBe("boolean");
});
