// Set-up shared by `./sparkler` and tools/bootstrap.mjs, in plain Node, as nothing else is there yet: npm packages as
// locked, then the Debian packages whose programs the building machine itself must have. Everything else comes from the
// locked package set later. Says what it does; when all is there it only looks at a few files.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { bunPath } from "./bun.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Debian packages of the building machine, each with the file by which its presence is seen, on any system. */
const hostPackages = [
  { name: "apt", file: "/usr/lib/apt/apt-helper", why: "downloads packages and checks their hashes" },
  { name: "dpkg", file: "/usr/bin/dpkg-deb", why: "unpacks packages" },
  { name: "bubblewrap", file: "/usr/bin/bwrap", why: "runs the tools of the locked set, and QEMU" },
  {
    name: "debian-archive-keyring",
    file: "/usr/share/keyrings/debian-archive-keyring.gpg",
    why: "checks the signatures of Debian's package lists",
  },
];

/** What the sandbox needs of the kernel, tried once after something was installed. */
const sandboxTrial = ["--unshare-user-try", "--unshare-net", "--ro-bind", "/", "/", "--dev", "/dev", "--", "/bin/true"];

/** Makes sure that everything is there; ends the process with status 1 when it cannot be. */
export async function setUp() {
  const changed = [await installNpmPackages(), await installHostPackages()].includes(true);
  if (changed) await trySandbox();
}

/** Runs Bun with `args` in the present folder, passes signals on, and ends as it ends. */
export function runBun(args, options = {}) {
  const child = spawn(bunPath, args, { stdio: "inherit", ...options });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", (cause) => stop(`cannot run "${bunPath}": ${cause.message}`));
  child.on("close", (status, signal) => {
    for (const each of signals) process.removeAllListeners(each);
    if (signal !== null) process.kill(process.pid, signal);
    process.exitCode = status ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/** Takes `--mirror URL` out of `args` and remembers it for this checkout, as `./sparkler up --mirror` does. */
export function takeMirror(args) {
  const at = args.findIndex((word) => word === "--mirror" || word.startsWith("--mirror="));
  if (at === -1) return args;
  const inline = args[at].startsWith("--mirror=");
  const url = inline ? args[at].slice("--mirror=".length) : (args[at + 1] ?? "");
  if (!/^https?:\/\/[^\s/]/.test(url)) stop(`--mirror wants an http or https address, got "${url}"`, 2);
  mkdirSync(`${root}build`, { recursive: true });
  writeFileSync(`${root}build/mirror`, `${url}\n`);
  return args.toSpliced(at, inline ? 1 : 2);
}

async function installNpmPackages() {
  const stamp = `${root}node_modules/.sparkler-lock`;
  const wanted = createHash("sha256")
    .update(readFileSync(`${root}package-lock.json`))
    .digest("hex");
  if (existsSync(stamp) && existsSync(bunPath) && readFileSync(stamp, "utf8") === wanted) return false;
  await call("npm packages as locked", ["npm", "ci", "--no-audit", "--no-fund"]);
  if (!existsSync(bunPath)) stop(`no Bun for this kind of processor: wanted "${bunPath}"`);
  writeFileSync(stamp, wanted);
  return true;
}

async function installHostPackages() {
  const missing = hostPackages.filter(({ file }) => !existsSync(file));
  if (missing.length === 0) return false;
  if (!existsSync("/usr/bin/apt-get") || !/^ID(_LIKE)?=.*\bdebian\b/m.test(systemName())) {
    say("this system has no Debian packages; install what is missing by its own means:");
    for (const { name, file, why } of missing) say(`  ${name}: ${file} (${why})`);
    process.exit(1);
  }
  const names = missing.map(({ name }) => name);
  const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names];
  const sudo = process.getuid() === 0 ? [] : ["sudo"];
  if (sudo.length > 0 && !hasSudo()) stop(`there is no sudo; as root, run: ${install.join(" ")}`);
  // sudo drops the environment, so the variable is set by env(1).
  const quietly = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive"];
  await call("Debian package lists", [...quietly, "apt-get", "update", "-qq"]);
  await call(`Debian packages ${names.join(", ")}`, [...quietly, ...install]);
  return true;
}

async function trySandbox() {
  const status = await attempt(["/usr/bin/bwrap", ...sandboxTrial], "ignore");
  if (status === 0) return;
  say(`bubblewrap cannot make a sandbox here ("bwrap ${sandboxTrial.join(" ")}" ended with ${status})`);
  stop("wanted are unprivileged user namespaces (a container or AppArmor may forbid them), or root with CAP_SYS_ADMIN");
}

function systemName() {
  return existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
}

function hasSudo() {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/sudo`));
}

/** Runs one step of the set-up, shown with its time; its failure ends the process. */
async function call(what, argv) {
  say(`${what} (${argv.join(" ")})`);
  const started = Date.now();
  const status = await attempt(argv, "inherit");
  if (status !== 0) stop(`"${argv.join(" ")}" failed: ${status}`);
  say(`done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Exit status 0, or in words how it ended. The program is told when this process is to end. */
function attempt([program, ...args], output) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ["inherit", output, output] });
    const pass = (signal) => child.kill(signal);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, pass);
    child.on("error", (cause) => resolve(cause.message));
    child.on("close", (status, signal) => {
      for (const each of signals) process.removeListener(each, pass);
      resolve(status === 0 ? 0 : `exit status ${status ?? signal}`);
    });
  });
}

function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}

function stop(text, status = 1) {
  say(text);
  process.exit(status);
}
