/**
 * Running a program from an unpacked Debian root: bubblewrap makes that root `/`, read-only, with a fixed environment
 * and no network, so that the building machine's own tools and paths cannot shape a byte.
 */
export type Bind = { readonly from: string; readonly to?: string; readonly write?: boolean };

export type SandboxOptions = {
  /** The unpacked root that becomes `/`. */
  readonly root: string;
  readonly binds: readonly Bind[];
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Device nodes of the machine to pass through, e.g. `/dev/kvm`. */
  readonly devices?: readonly string[];
  /** Keep the machine's network (for a VM's user network); default false. */
  readonly network?: boolean;
};

/** The time every build step sees where a tool asks for one (SOURCE_DATE_EPOCH): the first second of 2025, UTC. */
export const SOURCE_DATE_EPOCH = 1735689600;

/** The whole command line, bubblewrap first. Pure: nothing is started. */
export function sandboxArgv(options: SandboxOptions): readonly [string, ...string[]] {
  const binds = options.binds.flatMap((bind) => [
    bind.write === true ? "--bind" : "--ro-bind",
    bind.from,
    bind.to ?? bind.from,
  ]);
  const environment = {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH),
  };
  return [
    "/usr/bin/bwrap",
    "--unshare-user-try",
    "--unshare-ipc",
    ...(options.network === true ? [] : ["--unshare-net"]),
    "--die-with-parent",
    "--clearenv",
    ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
    "--ro-bind",
    options.root,
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--tmpfs",
    "/tmp",
    ...(options.devices ?? []).flatMap((path) => ["--dev-bind-try", path, path]),
    ...binds,
    ...(options.cwd === undefined ? [] : ["--chdir", options.cwd]),
    "--",
    ...options.argv,
  ];
}
