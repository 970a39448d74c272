import { expect, test } from "bun:test";
import { orderModules } from "./modules.ts";

const dependencies = `kernel/drivers/md/dm-verity.ko.xz: kernel/drivers/md/dm-bufio.ko.xz kernel/drivers/md/dm-mod.ko.xz
kernel/drivers/md/dm-bufio.ko.xz: kernel/drivers/md/dm-mod.ko.xz
kernel/drivers/md/dm-mod.ko.xz:
`;

test("orderModules() puts what a module needs before it, each once", () => {
  const order = orderModules(dependencies, "", ["dm-verity", "dm_bufio"]);
  expect(order.ok ? order.value.map((path) => path.split("/").at(-1)) : order.fault.message).toEqual([
    "dm-mod.ko.xz",
    "dm-bufio.ko.xz",
    "dm-verity.ko.xz",
  ]);
});

test("orderModules() needs no file for what is built in, and names what is nowhere", () => {
  expect(orderModules(dependencies, "kernel/fs/ext4/ext4.ko\n", ["ext4"])).toEqual({ ok: true, value: [] });
  const missing = orderModules(dependencies, "", ["no-such", "nor-this"]);
  expect(missing.ok ? "" : missing.fault.message).toContain("no-such, nor-this");
});
