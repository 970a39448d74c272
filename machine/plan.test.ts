import { expect, test } from "bun:test";
import { macAddress, planProbe, planQemu } from "./plan.ts";

const uuid = "6f1c2f6e-0f0d-4f3a-9c55-0123456789ab";
const spec = { uuid, memoryMib: 512, cpus: 2, userData: false };
const host = { accelerator: "tcg", qemuMajor: 10, firmwareCode: "/fw/CODE.fd" } as const;

/** The values given for one option, in order. */
function valuesOf(argv: readonly string[], option: string): readonly string[] {
  return argv.flatMap((word, index) => (word === option ? [argv[index + 1] ?? ""] : []));
}

const processors = [
  {
    name: "KVM has the host's processor",
    facts: { ...host, accelerator: "kvm" },
    cpu: "host",
    machine: "q35,accel=kvm",
  },
  { name: "QEMU 10 under TCG has every feature", facts: host, cpu: "max", machine: "q35,accel=tcg" },
  {
    name: "QEMU 7 under TCG has no cx16",
    facts: { ...host, qemuMajor: 7 },
    cpu: "max,cx16=off",
    machine: "q35,accel=tcg",
  },
] as const;

for (const row of processors) {
  test(`planQemu() and planProbe() agree: ${row.name}`, () => {
    for (const argv of [planQemu(spec, row.facts), planProbe(row.facts)]) {
      expect(valuesOf(argv, "-cpu")).toEqual([row.cpu]);
      expect(valuesOf(argv, "-machine")).toEqual([row.machine]);
    }
  });
}

test("planQemu() names the devices that the guest relies on", () => {
  const argv = planQemu(spec, host);
  expect(valuesOf(argv, "-uuid")).toEqual([uuid]);
  expect(valuesOf(argv, "-m")).toEqual(["512"]);
  expect(valuesOf(argv, "-action")).toEqual(["watchdog=reset"]);
  expect(valuesOf(argv, "-device")).toEqual([
    "virtio-blk-pci,drive=disk,serial=sparkler,bootindex=1",
    "virtio-net-pci,netdev=net,mac=52:54:00:67:89:ab,romfile=",
    "virtio-rng-pci",
    "i6300esb",
    "virtio-serial-pci",
    "virtserialport,chardev=control,name=org.sparkler.control",
  ]);
});

test("planQemu() makes an NVMe disk of each ephemeral one, known by the start of its serial number", () => {
  const argv = planQemu({ ...spec, ephemeralDisks: 2 }, host);
  expect(valuesOf(argv, "-device").filter((device) => device.startsWith("nvme"))).toEqual([
    "nvme,drive=ephemeral0,serial=ephemeral0",
    "nvme,drive=ephemeral1,serial=ephemeral1",
  ]);
  expect(valuesOf(argv, "-drive").filter((drive) => drive.includes("id=ephemeral"))).toEqual([
    "if=none,id=ephemeral0,format=raw,discard=unmap,file=ephemeral-0.raw",
    "if=none,id=ephemeral1,format=raw,discard=unmap,file=ephemeral-1.raw",
  ]);
});

test("planQemu() hands over user data only where there is some", () => {
  expect(valuesOf(planQemu(spec, host), "-fw_cfg")).toEqual([]);
  expect(valuesOf(planQemu({ ...spec, userData: true }, host), "-fw_cfg")).toEqual([
    "name=opt/sparkler/user-data,file=user-data",
  ]);
});

test("planQemu() doubles commas in the firmware's path and puts extra arguments last", () => {
  const argv = planQemu({ ...spec, extra: ["-S"] }, { ...host, firmwareCode: "/a,b/CODE.fd" });
  expect(valuesOf(argv, "-drive")[0]).toBe("if=pflash,unit=0,format=raw,readonly=on,file=/a,,b/CODE.fd");
  expect(argv.at(-1)).toBe("-S");
});

test("macAddress() is local to the machine and follows its UUID", () => {
  expect(macAddress(uuid)).toBe("52:54:00:67:89:ab");
});

test("planQemu() leads to the images built here, and from a port of the loopback to SSH", () => {
  const [plain] = valuesOf(planQemu(spec, host), "-netdev");
  expect(plain).toBe("user,id=net");
  const [both] = valuesOf(planQemu({ ...spec, registry: true, sshPort: 40022 }, host), "-netdev");
  expect(both).toBe(
    "user,id=net,guestfwd=tcp:10.0.2.100:5000-cmd:/usr/bin/nc.openbsd -N -U images.sock,hostfwd=tcp:127.0.0.1:40022-:22",
  );
});
