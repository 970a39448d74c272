/**
 * The runtime specification of a host or bootstrap container: what of the machine it sees and may do (contracts §10.3,
 * the present column). Pure.
 */
import type { ImageConfig } from "../registry/manifest.ts";
import { cgroupsPath } from "./cgroup.ts";
import { ALL_CAPABILITIES, BOOTSTRAP_CAPABILITIES, DEFAULT_CAPABILITIES } from "./capabilities.ts";
import { BOOTSTRAP_CALLS, seccompProfile } from "./seccomp.ts";
import { BOOTSTRAP_PREFIX } from "./status.ts";
import type { User } from "./user.ts";

export type ContainerKind = "host" | "bootstrap";

export type ContainerSpec = {
  /** Name of the settings, which the persistent folder has as well. */
  readonly name: string;
  readonly kind: ContainerKind;
  readonly superpowered: boolean;
  readonly config: ImageConfig;
  readonly user: User;
  /** Words of `NAME=VALUE` that go before the image's own: the proxies. */
  readonly environment: readonly string[];
  /** Which of the host's folders that are optional here are there. */
  readonly hostFolders: readonly string[];
  readonly limits: Limits;
};

/** What all processes of a container together may take. */
export type Limits = { readonly memoryBytes: number; readonly processes: number };

export type SpecMount = {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
};

/** Folders of the host's programs that `apiclient` consists of; see os/packages/client. */
export const CLIENT_FOLDER = "/usr/lib/sparkler/client";
export const CLIENT_TARGET = "/usr/local/lib/sparkler";
export const HOST_ROOTFS = "/.bottlerocket/rootfs";
/** Where the containers' own folders are kept on DATA. */
export const PERSISTENT = "/local";

/** Words that the specification of a container must not miss, as plain JSON. */
export function specificationOf(spec: ContainerSpec): object {
  const wide = spec.superpowered;
  const boot = spec.kind === "bootstrap";
  const capabilities = wide ? ALL_CAPABILITIES : boot ? BOOTSTRAP_CAPABILITIES : DEFAULT_CAPABILITIES;
  const sets = ["bounding", "effective", "permitted"].map((set) => [set, capabilities] as const);
  return {
    ociVersion: "1.1.0",
    process: {
      terminal: false,
      user: spec.user,
      args: [...spec.config.entrypoint, ...spec.config.cmd],
      env: [...environment(spec)],
      cwd: spec.config.workingDir === "" ? "/" : spec.config.workingDir,
      capabilities: Object.fromEntries(sets),
      rlimits: [{ type: "RLIMIT_NOFILE", hard: 1_048_576, soft: 65_536 }],
      noNewPrivileges: !wide,
    },
    root: { path: "rootfs", readonly: false },
    mounts: mountsOf(spec),
    linux: {
      // Scopes of systemd below a slice of their own: limits hold for all of them together as well.
      cgroupsPath: cgroupsPath(containerId(spec)),
      namespaces: namespaces(wide),
      resources: {
        devices: wide ? [{ allow: true, access: "rwm" }] : [{ allow: false, access: "rwm" }],
        memory: { limit: spec.limits.memoryBytes },
        pids: { limit: spec.limits.processes },
      },
      rootfsPropagation: wide || boot ? "rshared" : "rprivate",
      ...(wide ? {} : { seccomp: seccompProfile(boot ? BOOTSTRAP_CALLS : []) }),
      ...(wide ? {} : { maskedPaths: MASKED, readonlyPaths: READ_ONLY }),
    },
  };
}

/** The id under which containerd knows it. */
export function containerId({ name, kind }: Pick<ContainerSpec, "name" | "kind">): string {
  return kind === "bootstrap" ? `${BOOTSTRAP_PREFIX}${name}` : name;
}

/** The folder on DATA that stays the container's own. */
export function persistentFolder({ name, kind }: Pick<ContainerSpec, "name" | "kind">): string {
  return `${PERSISTENT}/${kind}-containers/${name}`;
}

function namespaces(hostProcesses: boolean): readonly object[] {
  const own = ["mount", "ipc", "uts", "cgroup"];
  return [...own, ...(hostProcesses ? [] : ["pid"])].map((type) => ({ type }));
}

function environment({ config, environment: more }: ContainerSpec): readonly string[] {
  const hasPath = config.env.some((word) => word.startsWith("PATH="));
  const path = hasPath ? [] : ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
  return [...path, ...more, ...config.env];
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
];

const READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

function mountsOf(spec: ContainerSpec): readonly SpecMount[] {
  return [
    ...kernelMounts(),
    ...hostMounts(spec),
    ...(spec.superpowered || spec.kind === "bootstrap" ? wideMounts(spec) : []),
  ];
}

function kernelMounts(): readonly SpecMount[] {
  return [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    tmpfs("/dev", ["strictatime", "mode=755", "size=65536k"]),
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    tmpfs("/dev/shm", ["noexec", "nodev", "mode=1777", "size=65536k"]),
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "ro"] },
    tmpfs("/run", ["nodev", "mode=755", "size=65536k"]),
  ];
}

function tmpfs(destination: string, options: readonly string[]): SpecMount {
  return { destination, type: "tmpfs", source: "tmpfs", options: ["nosuid", ...options] };
}

function hostMounts(spec: ContainerSpec): readonly SpecMount[] {
  const folder = persistentFolder(spec);
  const inside = `/.bottlerocket/${spec.kind}-containers`;
  return [
    bind("/run/api.sock", "/run/api.sock", "rw"),
    bind("/etc/hosts", "/etc/hosts", "ro"),
    bind("/run/systemd/resolve/resolv.conf", "/etc/resolv.conf", "ro"),
    bind("/etc/os-release", "/etc/bottlerocket-release", "ro"),
    bind(CLIENT_FOLDER, CLIENT_TARGET, "ro"),
    bind(`${CLIENT_FOLDER}/apiclient`, "/usr/local/bin/apiclient", "ro"),
    bind(folder, `${inside}/${spec.name}`, "rw"),
    bind(folder, `${inside}/current`, "rw"),
  ];
}

function wideMounts(spec: ContainerSpec): readonly SpecMount[] {
  const kernel = spec.superpowered
    ? [
        bind("/sys/firmware", "/sys/firmware", "rw"),
        bind("/sys/kernel/debug", "/sys/kernel/debug", "rw"),
        bind("/usr/bin/kmod", "/usr/local/sbin/modprobe", "ro"),
      ]
    : [];
  return [
    rbind("/", HOST_ROOTFS, "rro", "rprivate"),
    rbind("/mnt", `${HOST_ROOTFS}/mnt`, "rw", "rshared"),
    ...spec.hostFolders.map((path) => rbind(path, `${HOST_ROOTFS}${path}`, "rw", "rshared")),
    bind("/usr/lib/modules", "/lib/modules", "ro"),
    ...kernel,
  ];
}

function bind(source: string, destination: string, access: "ro" | "rw"): SpecMount {
  return { destination, type: "bind", source, options: ["bind", "rprivate", access] };
}

/** `rro` is read-only with all that is mounted below. */
function rbind(source: string, destination: string, access: "rro" | "rw", propagation: string): SpecMount {
  return { destination, type: "bind", source, options: ["rbind", propagation, access] };
}
