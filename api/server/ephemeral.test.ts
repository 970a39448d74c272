import { expect, test } from "bun:test";
import { Fault } from "../../base/result.ts";
import { ServerRig } from "./rig.ts";

const BASE = "/actions/ephemeral-storage";
const A = "/dev/disk/ephemeral/nvme-a";
const B = "/dev/disk/ephemeral/nvme-b";

async function withDisks(...disks: readonly string[]): Promise<ServerRig> {
  const rig = await ServerRig.start();
  rig.ephemeral.disks = disks;
  return rig;
}

test("init takes names of disks that there are, all of them without any, and xfs unless told otherwise", async () => {
  await using rig = await withDisks(A, B);
  expect((await rig.call("POST", `${BASE}/init`, { filesystem: null, disks: null })).status).toBe(204);
  expect((await rig.call("POST", `${BASE}/init`, {})).status).toBe(204);
  expect((await rig.call("POST", `${BASE}/init`, { filesystem: "Ext4", disks: ["nvme-b"] })).status).toBe(204);
  expect(rig.ephemeral.asked).toEqual([
    { kind: "init", fileSystem: "xfs", disks: [A, B] },
    { kind: "init", fileSystem: "xfs", disks: [A, B] },
    { kind: "init", fileSystem: "ext4", disks: [B] },
  ]);
});

test("init without any disk is done at once", async () => {
  await using rig = await withDisks();
  expect((await rig.call("POST", `${BASE}/init`, {})).status).toBe(204);
  expect(rig.ephemeral.asked).toEqual([]);
});

test.each([
  ["init", { disks: ["nvme-c"] }],
  ["init", { disks: ["/dev/vda"] }],
  ["init", { filesystem: "xfs" }],
  ["init", { other: 1 }],
  ["init", []],
  ["bind", {}],
  ["bind", { targets: [] }],
  ["bind", { targets: ["/etc"] }],
  ["bind", { targets: ["/var/lib/containerd/../../../etc"] }],
  ["bind", { targets: ["/var/lib/kubelet"] }], // not of this variant
])("%s refuses %j", async (what, body) => {
  await using rig = await withDisks(A);
  expect((await rig.call("POST", `${BASE}/${what}`, body)).status).toBe(400);
  expect(rig.ephemeral.asked).toEqual([]);
});

test("bind takes folders of the variant; what it comes to decides the status", async () => {
  await using rig = await withDisks(A);
  const targets = ["/var/lib/containerd", "/var/lib/containerd"];
  expect((await rig.call("POST", `${BASE}/bind`, { targets })).status).toBe(204);
  expect(rig.ephemeral.asked).toEqual([{ kind: "bind", folders: ["/var/lib/containerd"] }]);
  rig.ephemeral.fault = new Fault("not-initialised", "Cannot bind");
  expect((await rig.call("POST", `${BASE}/bind`, { targets })).status).toBe(409);
  rig.ephemeral.fault = new Fault("tool-failed", "Cannot mount");
  expect((await rig.call("POST", `${BASE}/bind`, { targets })).status).toBe(500);
});

test("lists are lines of text or JSON, and nothing else", async () => {
  await using rig = await withDisks(A, B);
  const lines = await rig.call("GET", `${BASE}/list-disks`);
  expect([lines.text, lines.headers.get("content-type")]).toEqual([`${A}\n${B}\n`, "application/text; charset=utf-8"]);
  expect((await rig.call("GET", `${BASE}/list-disks?format=json`)).json).toEqual([A, B]);
  expect((await rig.call("GET", `${BASE}/list-dirs?format=text`)).text).toBe(
    "/var/lib/containerd\n/var/lib/host-containerd\n",
  );
  expect((await rig.call("GET", `${BASE}/list-dirs?format=xml`)).status).toBe(400);
});
