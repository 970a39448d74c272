import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/log.ts";
import { containerOf, describeCaller, loadFindCaller } from "./caller.ts";

let proc = "";

beforeAll(async () => {
  proc = await mkdtemp(join(tmpdir(), "caller-"));
  await mkdir(join(proc, "7"));
  await writeFile(join(proc, "7/status"), "Name:\tapiclient\nUid:\t1000\t1000\t1000\t1000\n");
  await writeFile(join(proc, "7/comm"), "apiclient\n");
  await writeFile(join(proc, "7/cgroup"), "0::/host-containers.slice/container-admin.scope\n");
});

afterAll(() => rm(proc, { recursive: true }));

test("describeCaller() names process and container of the process that has the user", () => {
  const whole = { uid: 1000, pid: 7, process: "apiclient", container: "admin" };
  expect(describeCaller({ pid: 7, uid: 1000 }, proc)).toEqual(whole);
  expect(describeCaller({ pid: 7, uid: 0 }, proc)).toEqual({ uid: 0, pid: 7 });
  expect(describeCaller({ pid: 8, uid: 0 }, proc)).toEqual({ uid: 0, pid: 8 });
});

test.each([
  ["0::/system.slice/chronyd.service\n", undefined],
  ["0::/\n", undefined],
  ["0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-0a1b.scope\n", "0a1b"],
  ["0::/host-containers.slice/container-web-1.scope/inner\n", "web-1"],
  ["0::/host-containers.slice/container-web.scope/container-admin.scope\n", "web"],
])("containerOf(%j)", (cgroup, name) => {
  expect(containerOf(cgroup)).toBe(name);
});

test("loadFindCaller() knows nobody without the add-on", () => {
  expect(loadFindCaller(silentLog, "/nonexistent/peer.node")(0)).toBeUndefined();
});
