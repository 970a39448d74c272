/**
 * The command line of QEMU for one machine, from what the machine is and what the host can do. Pure. File names are
 * those of the machine's folder, in which QEMU must be started.
 *
 * The machine: q35 with UEFI firmware, virtio disk, network, random numbers and serial port, an i6300esb watchdog that
 * resets, the first serial port as console on standard output, user data through fw_cfg.
 */
import { ephemeralFile, files } from "./paths.ts";
import type { Published } from "./published.ts";

export type Accelerator = "kvm" | "tcg";

/** Name of the virtio-serial port that carries the control channel. */
export const CONTROL_PORT = "org.sparkler.control";

/** Name of the fw_cfg file that carries user data. */
export const USER_DATA_KEY = "opt/sparkler/user-data";

/** Where the guest finds the images that were built here, as plain HTTP. */
export const REGISTRY_ADDRESS = "10.0.2.100:5000";

export type MachineSpec = {
  readonly uuid: string;
  readonly memoryMib: number;
  readonly cpus: number;
  /** Whether the machine's folder has user data for the guest. */
  readonly userData: boolean;
  /** Whether the guest can reach the registry on the socket in the machine's folder. */
  readonly registry?: boolean;
  /** Port of this machine's loopback that leads to the guest's SSH. */
  readonly sshPort?: number | undefined;
  /** Further ports of this machine's loopback that lead to the guest. */
  readonly published?: readonly Published[] | undefined;
  /** How many ephemeral disks it has; default none. Their files are there. */
  readonly ephemeralDisks?: number;
  /** Further arguments for QEMU, last; for tests and measurements. */
  readonly extra?: readonly string[];
};

export type HostFacts = {
  readonly accelerator: Accelerator;
  /** Major version of QEMU. */
  readonly qemuMajor: number;
  /** The firmware's code, as QEMU sees the path. */
  readonly firmwareCode: string;
};

export function planQemu(spec: MachineSpec, host: HostFacts): readonly string[] {
  return [
    ["-nodefaults", "-no-user-config", "-display", "none", "-vga", "none"],
    ["-name", "sparkler", "-uuid", spec.uuid],
    basePlan(host),
    ["-smp", String(spec.cpus), "-m", String(spec.memoryMib)],
    firmwarePlan(host.firmwareCode),
    diskPlan(),
    networkPlan(spec),
    ephemeralPlan(spec.ephemeralDisks ?? 0),
    ["-device", "virtio-rng-pci"],
    ["-device", "i6300esb", "-action", "watchdog=reset"],
    consolePlan(),
    channelPlan(),
    ["-chardev", `socket,id=qmp,path=${files.qmp},server=on,wait=off`, "-mon", "chardev=qmp,mode=control"],
    spec.userData ? ["-fw_cfg", `name=${USER_DATA_KEY},file=${files.userData}`] : [],
    spec.extra ?? [],
  ].flat();
}

/** A machine with firmware and console only: it shows whether a guest really starts under the accelerator. */
export function planProbe(host: HostFacts): readonly string[] {
  return [
    ["-nodefaults", "-no-user-config", "-display", "none", "-vga", "none"],
    basePlan(host),
    ["-m", "128"],
    ["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${escapeComma(host.firmwareCode)}`],
    consolePlan(),
  ].flat();
}

/** A MAC address that is the machine's own and stays: locally administered, the rest from the UUID. */
export function macAddress(uuid: string): string {
  const digits = uuid.replaceAll("-", "").slice(-6);
  return `52:54:00:${digits.match(/../g)?.join(":") ?? "00:00:00"}`;
}

function basePlan(host: HostFacts): readonly string[] {
  return ["-machine", `q35,accel=${host.accelerator}`, "-cpu", cpuModel(host)];
}

/** QEMU before 10 emulates CMPXCHG16B wrongly now and then, which panics Linux; the instruction is hidden there. */
function cpuModel(host: HostFacts): string {
  if (host.accelerator === "kvm") return "host";
  return host.qemuMajor < 10 ? "max,cx16=off" : "max";
}

function firmwarePlan(code: string): readonly string[] {
  return [
    ["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${escapeComma(code)}`],
    ["-drive", `if=pflash,unit=1,format=raw,file=${files.firmwareVars}`],
  ].flat();
}

function diskPlan(): readonly string[] {
  return [
    ["-drive", `if=none,id=disk,format=raw,discard=unmap,file=${files.disk}`],
    ["-device", "virtio-blk-pci,drive=disk,serial=sparkler,bootindex=1"],
  ].flat();
}

/** The guest knows them by the start of their serial numbers; see os/packages/ephemeral. */
function ephemeralPlan(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => [
    ["-drive", `if=none,id=ephemeral${at},format=raw,discard=unmap,file=${ephemeralFile(at)}`],
    ["-device", `nvme,drive=ephemeral${at},serial=ephemeral${at}`],
  ]).flat(2);
}

/**
 * An empty `romfile` keeps the firmware from trying to boot over the network. For each connection to the registry QEMU
 * runs nc(1), which joins it to the socket in QEMU's working folder.
 */
function networkPlan({ uuid, registry, sshPort, published = [] }: MachineSpec): readonly string[] {
  const rules = [
    ...(registry === true ? [`guestfwd=tcp:${REGISTRY_ADDRESS}-cmd:/usr/bin/nc.openbsd -N -U ${files.registry}`] : []),
    ...(sshPort === undefined ? [] : [`hostfwd=tcp:127.0.0.1:${sshPort}-:22`]),
    ...published.map(([here, there]) => `hostfwd=tcp:127.0.0.1:${here}-:${there}`),
  ];
  const network = ["user", "id=net", ...rules].join(",");
  return ["-netdev", network, "-device", `virtio-net-pci,netdev=net,mac=${macAddress(uuid)},romfile=`];
}

function consolePlan(): readonly string[] {
  return ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"];
}

function channelPlan(): readonly string[] {
  return [
    ["-device", "virtio-serial-pci"],
    ["-chardev", `socket,id=control,path=${files.channel},server=on,wait=off`],
    ["-device", `virtserialport,chardev=control,name=${CONTROL_PORT}`],
  ].flat();
}

/** In QEMU's option lists a comma inside a value is written twice. */
function escapeComma(value: string): string {
  return value.replaceAll(",", ",,");
}
