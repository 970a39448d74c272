/** Container images as other people's tools see them, built twice in different surroundings, and tried in a sandbox. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { type Ran, run } from "../../base/run.ts";
import { type BuiltContainer, buildContainer } from "../../image/containers/build.ts";
import { sha256 } from "../../image/digest.ts";
import { listTree } from "../../image/root/list-tree.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";

const MINUTES = 60_000;
const MOST_OF_CONTROL = 30 * 2 ** 20;
let folder = "";
let tools = "";
const built: Record<string, BuiltContainer> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-containers-"));
  tools = await toolRoot("test");
  for (const name of ["control", "admin"]) {
    built[name] = await buildContainer({ name, images: join(folder, "images"), builtIn: name === "control" });
  }
  for (const name of Object.keys(built)) {
    await mkdir(join(folder, name));
    const target = `${name}/rootfs`;
    await inTools(["/usr/bin/umoci", "raw", "unpack", "--rootless", "--image", `images/${name}:latest`, target]);
  }
}, 10 * MINUTES);

afterAll(() => rm(folder, { recursive: true, force: true }));

function inTools(argv: readonly [string, ...string[]]): Promise<Ran> {
  return run(
    sandboxArgv({ root: tools, binds: [{ from: folder, to: "/work", write: true }], argv, cwd: "/work" }),
  ).then(orThrow);
}

/** Starts a program with the unpacked image as its root, which is not written to, and `more` of bubblewrap's options. */
function inside(name: string, argv: readonly string[], more: readonly string[] = []): ReturnType<typeof run> {
  const sandbox = ["/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--clearenv"] as const;
  const environment = ["--setenv", "PATH", "/usr/local/bin:/usr/sbin:/usr/bin", "--setenv", "LANG", "C.UTF-8"];
  const mounts = [
    "--ro-bind",
    join(folder, name, "rootfs"),
    "/",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--tmpfs",
    "/run",
  ];
  return run([...sandbox, ...environment, ...mounts, "--tmpfs", "/tmp", ...more, "--", ...argv], {
    timeoutMs: MINUTES,
  });
}

async function sums(layout: string): Promise<Readonly<Record<string, string>>> {
  const paths = await listTree(layout);
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await sha256(join(layout, path))] as const)),
  );
}

describe("container images", () => {
  test("skopeo reads them, and a copy of its own has the same digests", async () => {
    for (const [name, { about }] of Object.entries(built)) {
      const seen = (await inTools(["/usr/bin/skopeo", "inspect", `oci:images/${name}:latest`])).stdout;
      expect(JSON.parse(seen)).toMatchObject({
        Digest: about.manifest,
        Architecture: "amd64",
        Os: "linux",
        Layers: about.layers.map(({ digest }) => digest),
      });
      await inTools(["/usr/bin/skopeo", "--insecure-policy", "copy", `oci:images/${name}:latest`, `oci:copy-${name}`]);
      const blobs = await readdir(join(folder, `copy-${name}/blobs/sha256`));
      expect(blobs).toContain(about.manifest.replace("sha256:", ""));
    }
  });

  test("images of one base share its layer, and control stays small", () => {
    const [control, admin] = [built["control"]?.about.layers ?? [], built["admin"]?.about.layers ?? []];
    expect(control.map(({ definition }) => definition)).toEqual(["base", "control"]);
    expect(admin[0]).toEqual(control[0] ?? admin[1]);
    expect(control.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(MOST_OF_CONTROL);
  });

  test("only sudo is setuid, and only in admin", async () => {
    for (const [name, wanted] of [
      ["control", []],
      ["admin", ["usr/bin/sudo"]],
    ] as const) {
      const root = join(folder, name, "rootfs");
      const paths = await listTree(root);
      expect(paths.length).toBeGreaterThan(200);
      const modes = await Promise.all(
        paths.map(async (path) => ({ path, mode: (await lstat(join(root, path))).mode })),
      );
      expect(modes.filter(({ mode }) => (mode & 0o6000) !== 0).map(({ path }) => path)).toEqual([...wanted]);
    }
  });

  test("nobody has a password, and documentation is left out", async () => {
    for (const name of Object.keys(built)) {
      const root = join(folder, name, "rootfs");
      await chmod(join(root, "etc/shadow"), 0o600);
      const lines = (await readFile(join(root, "etc/shadow"), "utf8")).trim().split("\n");
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.filter((line) => !/^[a-z0-9-]+:\*:/.test(line))).toEqual([]);
      expect((await listTree(root)).filter((path) => /^usr\/share\/(doc|man|info|locale)\//.test(path))).toEqual([]);
    }
  });

  test(
    "a build in another folder with another umask gives the same bytes",
    async () => {
      const before = process.umask(0o077);
      try {
        const images = join(folder, "other/deeper");
        for (const name of ["control", "admin"]) {
          const again = await buildContainer({ name, images, builtIn: name === "control" });
          expect(again.reused).toBe(false);
          expect(await sums(again.folder)).toEqual(await sums(built[name]?.folder ?? ""));
        }
      } finally {
        process.umask(before);
      }
    },
    5 * MINUTES,
  );

  test("a second build of the same finds the first", async () => {
    expect((await buildContainer({ name: "control", images: join(folder, "images"), builtIn: true })).reused).toBe(
      true,
    );
  });

  test("every program of theirs finds its libraries", async () => {
    for (const name of Object.keys(built)) {
      const list = 'for each in /usr/bin/* /usr/sbin/*; do /usr/lib64/ld-linux-x86-64.so.2 --list "$each" 2>&1; done';
      const said = orThrow(await inside(name, ["/bin/bash", "-c", list])).stdout;
      expect(said).toContain("libc.so.6 => ");
      expect(said.split("\n").filter((line) => line.includes("not found"))).toEqual([]);
    }
  });

  test("the tools that an operator looks for start", async () => {
    const tried: readonly (readonly [string, readonly string[]])[] = [
      ["control", ["jq", "--version"]],
      ["control", ["ps", "ax"]],
      ["control", ["ip", "address"]],
      ["admin", ["strace", "--version"]],
      ["admin", ["tcpdump", "--version"]],
      ["admin", ["traceroute", "--version"]],
      ["admin", ["python3", "-c", "import ssl, sqlite3, lzma, ctypes, yaml, magic, pexpect"]],
      ["admin", ["sos", "report", "--list-plugins"]],
      ["admin", ["ctr", "--version"]],
      ["admin", ["nft", "--version"]],
      ["admin", ["vi", "--version"]],
      ["admin", ["curl", "--version"]],
      ["admin", ["nsenter", "--version"]],
      ["admin", ["journalctl", "--version"]],
      ["admin", ["visudo", "-c"]],
    ];
    for (const [name, argv] of tried) {
      const ran = await inside(name, argv);
      expect([argv, ran.ok ? "" : ran.fault.message]).toEqual([argv, ""]);
    }
  });
});

/** A machine's apiclient as the scripts of control see it; it writes down how it was called. */
async function fakeClient(name: string, script: string): Promise<readonly string[]> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "apiclient"), `#!/bin/bash\necho "$*" >>/run/state/calls\n${script}\n`, { mode: 0o755 });
  const search = "/run/state:/usr/local/bin:/usr/sbin:/usr/bin";
  return ["--bind", path, "/run/state", "--setenv", "PATH", search];
}

describe("control", () => {
  test("enable-admin-container sets and applies, and says it when that failed", async () => {
    const good = await fakeClient("enable", "exit 0");
    expect(orThrow(await inside("control", ["enable-admin-container"], good)).stdout).toContain("is enabled");
    expect(await readFile(join(folder, "enable/calls"), "utf8")).toContain("set host-containers.admin.enabled=true");
    const bad = await inside("control", ["enable-admin-container"], await fakeClient("enable-bad", "exit 1"));
    expect(bad.ok ? "" : bad.fault.message).toContain("apiclient outcome");
  });

  test("disable-admin-container sets and applies", async () => {
    const client = await fakeClient("disable", "exit 0");
    expect(orThrow(await inside("control", ["disable-admin-container"], client)).stdout).toContain("is disabled");
    expect(await readFile(join(folder, "disable/calls"), "utf8")).toContain("host-containers.admin.enabled=false");
  });

  test("enter-admin-container enables, waits until it runs, and gives a shell", async () => {
    const script = `case "$1 $2" in
      "get "*) echo '{"settings":{"host-containers":{"admin":{"enabled":false,"superpowered":true}}}}' ;;
      "exec -T") [ "$(grep -c '^exec -T' /run/state/calls)" -gt 2 ] ;;
      "exec admin") echo "in: $*" ;;
    esac`;
    const ran = orThrow(await inside("control", ["enter-admin-container"], await fakeClient("enter", script)));
    expect(ran.stdout).toBe("in: exec admin bash --login\n");
    expect(ran.stderr).toContain("waiting for the admin container");
    expect(await readFile(join(folder, "enter/calls"), "utf8")).toContain("set host-containers.admin.enabled=true");
  });

  test("enter-admin-container gives up with the reason", async () => {
    const script = `case "$1 $2" in
      "get "*) echo '{"settings":{"host-containers":{"admin":{"enabled":true}}}}' ;;
      *) echo "no such container" >&2; exit 1 ;;
    esac`;
    const client = [...(await fakeClient("give-up", script)), "--setenv", "ENTER_TIMEOUT", "1"];
    const ran = await inside("control", ["enter-admin-container"], client);
    expect(ran.ok ? "" : ran.fault.message).toContain("does not run after 1 s: no such container");
    expect(await readFile(join(folder, "give-up/calls"), "utf8")).not.toContain("set ");
  });

  test("an interactive shell says once what can be done", async () => {
    const words = ["bash", "--login", "-i", "-c", "bash -i -c 'echo inner'"];
    const { stdout } = orThrow(await inside("control", words));
    expect(stdout.split("enter-admin-container").length - 1).toBe(1);
    expect(stdout).toContain("inner");
  });

  test("its first process reaps orphans and ends at once when told to", async () => {
    const script = `container-init & init=$!
      sleep 0.3; kill -TERM $init; wait $init; echo "ended $?"
      container-init bash -c '(sleep 0.1 &) ; sleep 0.6; ps -eo stat= | grep -c Z; exit 7'; echo "child $?"
      container-init sleep 60 & init=$!
      sleep 0.3; kill -TERM $init; wait $init; echo "forwarded $?"`;
    const { stdout } = orThrow(await inside("control", ["bash", "-c", script]));
    expect(stdout).toBe("ended 0\n0\nchild 7\nforwarded 143\n");
  });
});

/** Starts the admin container's program with this user data, until it has said that it stays or serves. */
async function startAdmin(name: string, userData: string | undefined): Promise<{ said: string; keep: string }> {
  const keep = join(folder, name);
  await mkdir(keep, { recursive: true });
  if (userData !== undefined) await writeFile(join(keep, "user-data"), userData);
  const place = ["--dir", "/run/keep", "--bind", keep, "/run/keep", "--tmpfs", "/var", "--dir", "/var/log"];
  // Its folder is named in the script, as no runtime mounts it here; SSH ends at once, as nobody may become its user.
  const script = `sed "s#^readonly KEEP=.*#readonly KEEP=/run/keep#" /usr/sbin/start-admin >/tmp/start
    sed -i "s#/usr/sbin/sshd#true sshd#; s#exec sleep infinity#exit 0#" /tmp/start; bash /tmp/start`;
  return { said: orThrow(await inside("admin", ["bash", "-c", script], place)).stderr, keep };
}

async function publicKey(): Promise<string> {
  const place = ["--bind", folder, "/run/keys"];
  const make = "rm -f /run/keys/id*; ssh-keygen -q -t ed25519 -N '' -C test -f /run/keys/id; cat /run/keys/id.pub";
  return orThrow(await inside("admin", ["bash", "-c", make], place)).stdout.trim();
}

describe("admin", () => {
  test.each([
    ["no user data", undefined, "there is no user data"],
    ["no JSON", "ssh: keys", "not a JSON object"],
    ["a list", "[]", "not a JSON object"],
    ["keys that are no list", '{"ssh":{"authorized-keys":"ssh-ed25519 A"}}', "ssh.authorized-keys is no list of texts"],
    ["a key of two lines", '{"ssh":{"authorized-keys":["a\\nb"]}}', "ssh.authorized-keys is no list of texts"],
    ["no key", '{"ssh":{}}', "no key with which anybody could log in"],
    [
      "a key that is none",
      '{"ssh":{"authorized-keys":["ssh-ed25519 AAAA"]}}',
      "key 1 of the user data is no SSH public",
    ],
  ])("with %s it says so and does not serve", async (_, userData, wanted) => {
    const { said } = await startAdmin(`admin-${Bun.hash(wanted + userData)}`, userData);
    expect(said).toContain(wanted);
    expect(said).toContain("SSH is off");
  });

  test("with a key, in both spellings, it serves; its own keys stay, and a damaged one is made anew", async () => {
    const key = await publicKey();
    const first = await startAdmin("admin-good", JSON.stringify({ ssh: { "authorized-keys": [key, "none"] } }));
    expect(first.said).toContain("1 of 2 keys");
    expect(first.said).toContain("SSH server on port 22");
    const hostKey = join(first.keep, "etc/ssh/ssh_host_ed25519_key");
    const before = await readFile(hostKey, "utf8");
    expect((await lstat(hostKey)).mode & 0o777).toBe(0o600);
    const second = await startAdmin("admin-good", JSON.stringify({ ssh: { authorized_keys: [key] } }));
    expect(second.said).toContain("1 of 1 keys");
    expect(await readFile(hostKey, "utf8")).toBe(before);
    await writeFile(hostKey, before.slice(0, 100));
    expect((await startAdmin("admin-good", undefined)).said).toContain("cannot be read; another one is made");
    expect(await readFile(hostKey, "utf8")).not.toBe(before);
    expect((await readdir(join(first.keep, "etc/ssh"))).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("the SSH server takes its configuration: keys only, one user, no root", async () => {
    const script = `mkdir -p /run/sshd /run/keep/etc/ssh; : >/run/sshd/user-data.conf
      sed "s#/.bottlerocket/host-containers/current#/run/keep#" /etc/ssh/sshd_config >/run/config
      for type in ed25519 ecdsa; do ssh-keygen -q -t $type -N '' -f /run/keep/etc/ssh/ssh_host_\${type}_key; done
      /usr/sbin/sshd -T -f /run/config`;
    const { stdout } = orThrow(await inside("admin", ["bash", "-c", script]));
    const lines = stdout.split("\n");
    for (const wanted of [
      "permitrootlogin no",
      "passwordauthentication no",
      "kbdinteractiveauthentication no",
      "authenticationmethods publickey",
      "allowusers ec2-user",
    ]) {
      expect(lines).toContain(wanted);
    }
  });
});

/**
 * A root without a shell, with the C library that a host has, and a first process that does nothing. In the sandbox both
 * roots are there; the first process goes to the host's, sheltie stays in admin's, in a mount namespace of its own.
 */
async function inHost(command: string): Promise<string> {
  const host = join(folder, "host");
  const admin = join(folder, "admin/rootfs");
  await rm(host, { recursive: true, force: true });
  for (const path of ["dev", "mnt", "proc", "root", "run", "tmp", "usr/bin", "usr/lib64", "usr/lib/x86_64-linux-gnu"]) {
    await mkdir(join(host, path), { recursive: true });
  }
  for (const name of ["bin", "lib", "lib64"]) await symlink(`usr/${name}`, join(host, name));
  const files = ["ld-linux-x86-64.so.2", "libc.so.6"].map((name) => `usr/lib/x86_64-linux-gnu/${name}`);
  for (const path of [...files, "usr/lib64/ld-linux-x86-64.so.2"]) {
    await cp(join(admin, path), join(host, path), { verbatimSymlinks: true });
  }
  await cp(join(admin, "usr/sbin/container-init"), join(host, "usr/bin/first"));
  await writeFile(join(host, "mark"), "the host");
  const script = `unshare -m --propagation unchanged bash -c 'sleep 0.5; ${command}; kill -TERM 1' &
    exec unshare -m --propagation unchanged bash -c 'cd /run/host && pivot_root . mnt && exec /usr/bin/first'`;
  const more = ["--uid", "0", "--gid", "0", "--cap-add", "ALL", "--as-pid-1", "--bind", host, "/run/host"];
  return orThrow(await inside("admin", ["bash", "-c", script], more)).stdout;
}

describe("sheltie", () => {
  test("is in the host's root with the container's programs, and ends as its command does", async () => {
    const said = await inHost(`sheltie bash -c "cat /mark; echo; jq --version; sh -c \\"exit 9\\""; echo "status $?"`);
    expect(said).toBe("the host\njq-1.7\nstatus 9\n");
  });

  test("leaves no mount on the host, and says what it cannot start", async () => {
    const said = await inHost(
      'sheltie nothing 2>&1; echo "status $?"; sheltie ls -A /root; ls -A /proc/1/root/root; grep -c sheltie /proc/1/mountinfo',
    );
    const failure = 'sheltie: Cannot start "nothing": No such file or directory\nstatus 127\n';
    expect(said).toBe(`${failure}.bashrc\n.tools\n0\n`);
  });
});
