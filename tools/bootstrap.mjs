// Set-up, in plain Node: npm packages as locked, Debian packages that must be on the building machine, then Bun with the
// script that was asked for: `node tools/bootstrap.mjs SCRIPT ARG…`. Says what it does; does nothing twice.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bunPath } from "./bun.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const hostPackages = ["bubblewrap", "debian-archive-keyring", "gdisk"];

function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}

function call(program, args, options = {}) {
  const started = Date.now();
  const ran = spawnSync(program, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], ...options });
  if (ran.status !== 0) {
    say(`"${program} ${args.join(" ")}" failed: ${ran.error?.message ?? `exit status ${ran.status ?? ran.signal}`}`);
    process.exit(1);
  }
  say(`done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function installNpmPackages() {
  const stamp = `${root}node_modules/.sparkler-lock`;
  const wanted = createHash("sha256").update(readFileSync(`${root}package-lock.json`)).digest("hex");
  if (existsSync(stamp) && existsSync(bunPath) && readFileSync(stamp, "utf8") === wanted) return;
  say("npm packages as locked (npm ci)");
  call("npm", ["ci", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, wanted);
}

function isInstalled(name) {
  const ran = spawnSync("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name], { encoding: "utf8" });
  return ran.stdout === "installed";
}

function installDebianPackages() {
  if (!existsSync("/usr/bin/apt-get")) {
    say(`this system has no apt; wanted programs are those of the Debian packages ${hostPackages.join(", ")}, apt and dpkg`);
    process.exit(1);
  }
  const missing = hostPackages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  say(`Debian packages ${missing.join(", ")} (apt-get install)`);
  const sudo = process.getuid() === 0 ? [] : ["sudo"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const [program, ...first] = [...sudo, "apt-get"];
  call(program, [...first, "update", "-qq"], { env });
  call(program, [...first, "install", "-y", "-qq", "--no-install-recommends", ...missing], { env });
}

installNpmPackages();
installDebianPackages();
const child = spawn(bunPath, process.argv.slice(2), { cwd: root, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("close", (status) => {
  process.exitCode = status ?? 1;
});
