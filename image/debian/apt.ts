/**
 * A private apt: its own sources, lists and (empty) package status in a folder of ours, so that it resolves against
 * Debian 13 whatever the building machine runs, without root. apt checks the signatures of the indices with
 * Debian's archive keys; nothing is installed by it.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { orThrow, Fault, fail, ok, type Result } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import type { LockedPackage } from "./lock.ts";
import type { Mirror } from "./mirror.ts";

export type AptFault = "resolve-failed";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

export type Apt = { readonly folder: string; readonly mirror: Mirror; readonly suite: string };

/** Sets up the private apt in `folder` (kept between runs: the lists are a cache). */
export async function prepareApt(apt: Apt): Promise<void> {
  const at = (...parts: readonly string[]): string => join(apt.folder, ...parts);
  const folders = [
    "state/lists/partial",
    "cache/archives/partial",
    "etc/apt.conf.d",
    "etc/preferences.d",
    "etc/sources.list.d",
  ];
  for (const folder of folders) await mkdir(at(folder), { recursive: true });
  await writeFile(at("state/status"), "");
  await writeFile(at("etc/sources.list"), sourcesList(apt.mirror, apt.suite));
  await writeFile(at("apt.conf"), aptConfiguration(apt.folder));
}

/** Fetches the signed indices. Throws with apt's own words when a signature or the mirror fails. */
export async function updateIndices(apt: Apt, signal?: AbortSignal): Promise<void> {
  const options = { env: environment(apt), ...(signal === undefined ? {} : { signal }) };
  orThrow(await run(["/usr/bin/apt-get", "update", "--error-on=any", "-qq"], options));
}

/** The packages that `names` and their dependencies (no recommendations) come to, from the indices fetched before. */
export async function resolvePackages(
  apt: Apt,
  names: readonly string[],
): Promise<Result<readonly LockedPackage[], AptFault>> {
  const argv = [
    "/usr/bin/apt-get",
    "install",
    "--yes",
    "--print-uris",
    "-qq",
    "-o",
    "Acquire::ForceHash=sha256",
  ] as const;
  const ran = await run([...argv, ...names], { env: environment(apt) });
  if (!ran.ok) return fail(Fault.from("resolve-failed", `Cannot resolve ${names.join(", ")}`, ran.fault));
  return parseUris(ran.value.stdout, apt.mirror);
}

/** Reads `apt-get --print-uris`: `'URI' FILE SIZE SHA256:HASH`, one package a line. */
export function parseUris(text: string, mirror: Mirror): Result<readonly LockedPackage[], AptFault> {
  const problems: string[] = [];
  const packages = text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const found = /^'([^']+)' ([^_ ]+)_([^_ ]+)_[^_ ]+\.deb (\d+) SHA256:([0-9a-f]{64})$/.exec(line);
      const [, uri = "", name = "", version = "", size = "", sha256 = ""] = found ?? [];
      const archive = (["security", "main"] as const).find((each) => uri.startsWith(`${mirror[each]}/pool/`));
      if (found === null || archive === undefined) {
        problems.push(line);
        return [];
      }
      const path = uri.slice(mirror[archive].length + 1);
      return [{ name, version: decodeURIComponent(version), archive, path, size: Number(size), sha256 }];
    });
  if (problems.length === 0 && packages.length > 0) return ok(packages);
  const said = problems.length === 0 ? "no package at all" : problems.join("; ");
  return fail(new Fault("resolve-failed", `Cannot read apt's list of addresses: ${said}`));
}

/** What every apt program here is started with: nothing of the machine's own apt configuration but its proxy. */
export function environment(apt: Apt): Readonly<Record<string, string>> {
  return { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", APT_CONFIG: join(apt.folder, "apt.conf") };
}

function sourcesList(mirror: Mirror, suite: string): string {
  return (
    source(mirror.main, suite) + source(mirror.main, `${suite}-updates`) + source(mirror.security, `${suite}-security`)
  );
}

function source(base: string, suite: string): string {
  return `deb [signed-by=${KEYRING}] ${base} ${suite} main\n`;
}

function aptConfiguration(folder: string): string {
  const settings = {
    "Dir::State": join(folder, "state"),
    "Dir::State::status": join(folder, "state/status"),
    "Dir::Cache": join(folder, "cache"),
    "Dir::Etc::sourcelist": join(folder, "etc/sources.list"),
    "Dir::Etc::sourceparts": join(folder, "etc/sources.list.d"),
    "Dir::Etc::preferencesparts": join(folder, "etc/preferences.d"),
    "APT::Architecture": "amd64",
    "APT::Architectures": "amd64",
    "APT::Install-Recommends": "false",
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    // A mirror on this machine is asked directly, whatever proxy the machine's apt has.
    "Acquire::http::Proxy::127.0.0.1": "DIRECT",
    "Acquire::http::Proxy::localhost": "DIRECT",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} "${value}";\n`)
    .join("");
}
