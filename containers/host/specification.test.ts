import { expect, test } from "bun:test";
import type { ImageConfig } from "../registry/manifest.ts";
import { seccompProfile } from "./seccomp.ts";
import { containerId, type ContainerSpec, persistentFolder, specificationOf, type SpecMount } from "./specification.ts";

const config: ImageConfig = { diffIds: [], env: ["A=b"], entrypoint: ["/init"], cmd: ["x"], workingDir: "", user: "" };
const plain: ContainerSpec = {
  name: "web",
  kind: "host",
  superpowered: false,
  config,
  user: { uid: 0, gid: 0 },
  environment: ["HTTPS_PROXY=p"],
  hostFolders: [],
  limits: { memoryBytes: 1 << 20, processes: 100 },
};

type Read = {
  readonly process: {
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly noNewPrivileges: boolean;
    readonly capabilities: { readonly bounding: readonly string[] };
  };
  readonly mounts: readonly SpecMount[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly seccomp?: object;
    readonly resources: { readonly devices: readonly { readonly allow: boolean }[] };
  };
};

function read(spec: ContainerSpec): Read {
  return specificationOf(spec) as Read;
}

test("a host container sees the API, its own folder and nothing else of the machine", () => {
  const { process, mounts, linux } = read(plain);
  expect(process).toMatchObject({ args: ["/init", "x"], noNewPrivileges: true });
  expect(process.env).toEqual(expect.arrayContaining(["A=b", "HTTPS_PROXY=p"]));
  const binds = mounts.filter(({ type }) => type === "bind").map(({ source }) => source);
  expect(binds.toSorted()).toEqual([
    "/etc/hosts",
    "/etc/os-release",
    "/local/host-containers/web",
    "/local/host-containers/web",
    "/run/api.sock",
    "/run/systemd/resolve/resolv.conf",
    "/usr/lib/sparkler/client",
    "/usr/lib/sparkler/client/apiclient",
  ]);
  expect(process.capabilities.bounding).not.toContain("CAP_SYS_ADMIN");
  expect(linux.namespaces.map(({ type }) => type)).toContain("pid");
  expect(linux.seccomp).toBeDefined();
  expect(linux.resources.devices).toEqual([{ allow: false, access: "rwm" }] as never);
});

test("superpowers are every capability, all devices, the host's processes and its root, read-only", () => {
  const { process, mounts, linux } = read({ ...plain, superpowered: true });
  expect(process.noNewPrivileges).toBe(false);
  expect(process.capabilities.bounding.length).toBe(41);
  expect(linux.namespaces.map(({ type }) => type)).not.toContain("pid");
  expect(linux.seccomp).toBeUndefined();
  const root = mounts.find(({ destination }) => destination === "/.bottlerocket/rootfs");
  expect(root).toMatchObject({ source: "/", options: ["rbind", "rprivate", "rro"] });
});

test("a bootstrap container has its own id, folder, capabilities and the runtimes' folders", () => {
  const spec = { ...plain, kind: "bootstrap", hostFolders: ["/var/lib/containerd"] } as const;
  const { process, mounts } = read(spec);
  expect([containerId(spec), persistentFolder(spec)]).toEqual(["boot.web", "/local/bootstrap-containers/web"]);
  expect(process.capabilities.bounding).toContain("CAP_SYS_MODULE");
  expect(mounts.map(({ destination }) => destination)).toContain("/.bottlerocket/rootfs/var/lib/containerd");
});

test("seccompProfile() refuses what reaches the machine, and each call stands on one side", () => {
  const sides = seccompProfile().syscalls as { readonly names: readonly string[]; readonly action: string }[];
  const [allowed, refused] = sides.map(({ names }) => new Set(names));
  for (const name of ["mount", "bpf", "kexec_load", "setns", "unshare", "keyctl", "init_module", "open_by_handle_at"]) {
    expect([name, refused?.has(name), allowed?.has(name)]).toEqual([name, true, false]);
  }
  for (const name of ["read", "execve", "futex", "openat", "epoll_wait"])
    expect([name, allowed?.has(name)]).toEqual([name, true]);
  expect([...(allowed ?? [])].filter((name) => refused?.has(name) === true)).toEqual([]);
  const more = seccompProfile(["swapon"]).syscalls as { readonly names: readonly string[] }[];
  expect([more[0]?.names.includes("swapon"), more[1]?.names.includes("swapon")]).toEqual([true, false]);
});
