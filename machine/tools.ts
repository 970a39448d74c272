/**
 * The QEMU and firmware that machines run with: of the building machine, or from an unpacked root in a sandbox.
 */
import { access, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { Fault, orThrow } from "../base/result.ts";
import { run } from "../base/run.ts";

export type Argv = readonly [string, ...string[]];

export type QemuTools = {
  /** The firmware's code as QEMU sees it. */
  readonly firmwareCode: string;
  /** The template of the firmware's variables as this process sees it. */
  readonly firmwareVars: string;
  /** The whole command line for QEMU with `args`, working in `folder`. */
  readonly command: (args: readonly string[], folder: string) => Argv;
};

/** What the image builder's sandbox offers, seen from here. */
export type SandboxArgv = (options: {
  readonly root: string;
  readonly binds: readonly { readonly from: string; readonly to?: string; readonly write?: boolean }[];
  readonly argv: Argv;
  readonly cwd?: string;
  readonly devices?: readonly string[];
  readonly network?: boolean;
}) => Argv;

const code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const vars = "/usr/share/OVMF/OVMF_VARS_4M.fd";
const qemu = "/usr/bin/qemu-system-x86_64";

/** setpriv(1): the kernel kills the program when its parent ends, as bubblewrap has it done in the sandbox. */
const withParent: Argv = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"];

/** Where the machine's folder appears inside the sandbox: under a tmpfs, as the root itself is read-only. */
const inside = "/tmp/machine";

/** QEMU from an unpacked Debian root, in a sandbox with the machine's folder, the network and `/dev/kvm`. */
export function sandboxedTools(root: string, sandboxArgv: SandboxArgv): QemuTools {
  return {
    firmwareCode: code,
    firmwareVars: join(root, vars),
    command: (args, folder) =>
      sandboxArgv({
        root,
        binds: [{ from: folder, to: inside, write: true }],
        argv: [qemu, ...args],
        cwd: inside,
        devices: ["/dev/kvm"],
        network: true,
      }),
  };
}

/** QEMU and firmware of the building machine itself; it ends with the process that started it. */
export async function installedTools(): Promise<QemuTools> {
  for (const path of [qemu, code, vars]) {
    await access(path).catch((cause: unknown) => {
      throw Fault.from("no-qemu", "Cannot use the QEMU of this machine", cause);
    });
  }
  return { firmwareCode: code, firmwareVars: vars, command: (args) => [...withParent, qemu, ...args] };
}

/** The major version of QEMU. */
export async function qemuMajor(tools: QemuTools): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "sparkler-qemu-"));
  try {
    const { stdout } = orThrow(await run(tools.command(["--version"], folder), { timeoutMs: 20_000 }));
    const major = /version (\d+)\./.exec(stdout)?.[1];
    if (major !== undefined) return Number(major);
    throw new Fault("no-qemu", `Cannot read the version of QEMU: it said "${stdout.trim()}"`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
