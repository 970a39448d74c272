/**
 * The runtime specification that containers of workloads begin with (OCI runtime specification 1.1): without new
 * privileges, with the paths of /proc and /sys hidden that tell of or change the machine. What a container asks for comes
 * on top of it.
 */
export type Rlimit = { readonly type: string; readonly hard: number; readonly soft: number };

export function containerBase(capabilities: readonly string[], rlimits: readonly Rlimit[]): object {
  return {
    ociVersion: "1.1.0",
    process: {
      user: { uid: 0, gid: 0 },
      cwd: "/",
      noNewPrivileges: true,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits,
    },
    root: { path: "rootfs" },
    mounts: [
      mount("/proc", "proc", ["nosuid", "noexec", "nodev"]),
      { ...mount("/dev", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]) },
      mount("/dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
      mount("/dev/mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
      mount("/sys", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
      mount("/run", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    ],
    linux: {
      resources: { devices: [{ allow: false, access: "rwm" }] },
      namespaces: ["pid", "ipc", "uts", "mount", "network"].map((type) => ({ type })),
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
    },
  };
}

const MASKED = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

const READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

function mount(destination: string, type: string, options: readonly string[]): object {
  return { destination, type, source: type, options };
}
