import { expect, test } from "bun:test";
import { allowedFolders, checkFolders, chooseDisks, storedAt } from "./names.ts";
import { readMounts } from "./facts.ts";
import { type Disk, type Facts, planBind, planInit, type Step } from "./plan.ts";
import type { Signature } from "./signature.ts";

const A = "/dev/disk/ephemeral/nvme-a";
const B = "/dev/disk/ephemeral/nvme-b";
const blank: Signature = { kind: "other" };
const xfs: Signature = { kind: "file-system", type: "xfs", label: "ephemeral" };
const member = (array: string, name = "any:ephemeral"): Signature => ({ kind: "member", array, name });
const disk = (path: string, signature: Signature = blank): Disk => ({ path, signature });
const facts = (disks: readonly Disk[], more: Partial<Facts> = {}): Facts => ({
  disks,
  array: undefined,
  mounts: new Map(),
  ...more,
});

const lines = (steps: readonly Step[]): readonly string[] =>
  steps.map((step) => (step.kind === "run" ? step.argv.join(" ") : `folder ${step.path}`));
function planned(result: ReturnType<typeof planInit>): readonly string[] {
  return result.ok ? lines(result.value) : [result.fault.code];
}

const CREATE =
  "/usr/sbin/mdadm --create --force --run --verbose --homehost=any /dev/md/ephemeral --level=0 --chunk=256 " +
  `--name ephemeral --raid-devices 2 ${A} ${B}`;
const MKFS = "/usr/sbin/mkfs.xfs -f -q -L ephemeral";

const inits: Readonly<Record<string, readonly [Facts, readonly string[]]>> = {
  "no disk": [facts([]), []],
  "one disk": [facts([disk(A)]), [`${MKFS} ${A}`]],
  "one disk that is done": [facts([disk(A, xfs)]), []],
  "one disk of an array": [facts([disk(A, member("1"))]), [`/usr/sbin/mdadm --zero-superblock ${A}`, `${MKFS} ${A}`]],
  "two disks": [facts([disk(A), disk(B)]), [CREATE, `${MKFS} /dev/md/ephemeral`]],
  "two disks, one of which was made a member before the power was cut": [
    facts([disk(A, member("1")), disk(B)]),
    [CREATE, `${MKFS} /dev/md/ephemeral`],
  ],
  "two disks of different arrays": [
    facts([disk(A, member("1")), disk(B, member("2"))]),
    [CREATE, `${MKFS} /dev/md/ephemeral`],
  ],
  "two disks of somebody else's array": [
    facts([disk(A, member("1", "h:data")), disk(B, member("1", "h:data"))]),
    [CREATE, `${MKFS} /dev/md/ephemeral`],
  ],
  "an array after a reboot": [
    facts([disk(A, member("1")), disk(B, member("1"))]),
    [`/usr/sbin/mdadm --assemble --run /dev/md/ephemeral ${A} ${B}`],
  ],
  "an array that runs without a file system": [
    facts([disk(A, member("1")), disk(B, member("1"))], { array: blank }),
    [`${MKFS} /dev/md/ephemeral`],
  ],
  "an array that is done": [facts([disk(A, member("1")), disk(B, member("1"))], { array: xfs }), []],
};

test.each(Object.keys(inits))("planInit() of %s", (name) => {
  const [given, wanted = []] = inits[name] ?? [facts([disk("none")])];
  expect(planned(planInit(given, "xfs"))).toEqual([...wanted]);
});

test("planInit() makes ext4 of what is xfs, but not while it is in use", () => {
  expect(planned(planInit(facts([disk(A, xfs)]), "ext4"))).toEqual([
    `/usr/sbin/mke2fs -t ext4 -F -q -L ephemeral ${A}`,
  ]);
  const used = facts([disk(A, xfs)], { mounts: new Map([["/mnt/.ephemeral", "xfs"]]) });
  expect(planned(planInit(used, "ext4"))).toEqual(["disk-busy"]);
  expect(planned(planInit(used, "xfs"))).toEqual([]);
});

test("planBind() mounts once, binds what is not bound, and shares", () => {
  const folder = "/var/lib/containerd";
  const stored = "/mnt/.ephemeral/._var_lib_containerd";
  const share = `/usr/bin/mount --make-rshared ${folder}`;
  const given = facts([disk(B), disk(A, xfs)]);
  expect(planned(planBind(given, [folder]))).toEqual([
    "folder /mnt/.ephemeral",
    `/usr/bin/mount -t xfs -o nosuid,nodev,noatime ${A} /mnt/.ephemeral`,
    `folder ${stored}`,
    `folder ${folder}`,
    `/usr/bin/mount --rbind ${stored} ${folder}`,
    share,
  ]);
  const mounts = new Map([
    ["/mnt/.ephemeral", "xfs"],
    [folder, "xfs"],
  ]);
  expect(planned(planBind({ ...given, mounts }, [folder]))).toEqual([share]);
});

test("planBind() refuses storage that is not initialised", () => {
  for (const disks of [[], [disk(A)], [disk(A, member("1")), disk(B, member("1"))]]) {
    expect(planned(planBind(facts(disks), ["/var/lib/containerd"]))).toEqual(["not-initialised"]);
  }
});

test("chooseDisks() takes paths and last parts of what is there, all without a name, and nothing else", () => {
  expect(chooseDisks(undefined, [A, B])).toEqual({ ok: true, value: [A, B] });
  expect(chooseDisks(["nvme-b", A, A], [A, B])).toEqual({ ok: true, value: [A, B] });
  for (const wrong of ["nvme-c", "/dev/vda", "../../vda", "/dev/disk/ephemeral/../../vda", ""]) {
    expect(chooseDisks([wrong], [A, B])).toMatchObject({ ok: false, fault: { code: "unknown-disk" } });
  }
});

test("checkFolders() takes what the variant has", () => {
  expect(allowedFolders("qemu-dev")).toEqual(["/var/lib/containerd", "/var/lib/host-containerd"]);
  expect(allowedFolders("aws-k8s-1.30")).toContain("/var/lib/kubelet");
  expect(allowedFolders("aws-ecs-2")).toContain("/var/lib/docker");
  expect(checkFolders(["/etc"], allowedFolders("qemu-dev"))).toMatchObject({ fault: { code: "unknown-folder" } });
  expect(checkFolders([], allowedFolders())).toMatchObject({ fault: { code: "nothing-named" } });
  expect(storedAt("/var/lib/kubelet")).toBe("/mnt/.ephemeral/._var_lib_kubelet");
});

test("readMounts() reads mount points and types", () => {
  const text =
    "36 35 98:0 /a /mnt/.ephemeral rw,noatime shared:1 - xfs /dev/x rw\n37 35 0:1 / / ro - erofs /dev/dm-0 ro\n";
  expect([...readMounts(text)]).toEqual([
    ["/mnt/.ephemeral", "xfs"],
    ["/", "erofs"],
  ]);
});
