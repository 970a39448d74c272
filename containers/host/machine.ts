/** What a container's specification takes from the machine that it runs on. */
import { readFile, stat } from "node:fs/promises";
import { Fault } from "../../base/result.ts";
import type { Limits } from "./specification.ts";

/** Folders of runtimes that bootstrap containers may prepare. */
const RUNTIME_FOLDERS = ["/var/lib/containerd", "/var/lib/docker", "/var/lib/kubelet"];
const PROXIES = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];
/** Part of the machine's memory that one host container may take: the machine is for workloads. */
const MEMORY_PART = 0.5;
const PAGE = 4096;
/** A process costs the kernel about a tenth of this; so many of them leave the machine its memory. */
const BYTES_PER_PROCESS = 512 * 1024;
const LEAST_PROCESSES = 256;
const MOST_PROCESSES = 4096;

export async function hostFolders(): Promise<readonly string[]> {
  const found = await Promise.all(
    RUNTIME_FOLDERS.map((path) =>
      stat(path).then(
        (each) => each.isDirectory(),
        () => false,
      ),
    ),
  );
  return RUNTIME_FOLDERS.filter((_, at) => found[at] === true);
}

/** The proxies that this program was given, for the container as well. */
export function inheritedEnvironment(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return PROXIES.flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === "" ? [] : [`${name}=${value}`];
  });
}

/** What one host container may take of this machine. */
export async function limitsHere(): Promise<Limits> {
  const [, kib] = /^MemTotal:\s+(\d+) kB$/m.exec(await readFile("/proc/meminfo", "utf8")) ?? [];
  if (kib === undefined) throw new Fault("not-read", 'Cannot read "/proc/meminfo": it has no MemTotal');
  return limitsOf(Number(kib) * 1024);
}

/** Pure: of a machine with so many bytes of memory. */
export function limitsOf(memory: number): Limits {
  const processes = Math.floor(memory / BYTES_PER_PROCESS);
  return {
    memoryBytes: Math.floor((memory * MEMORY_PART) / PAGE) * PAGE,
    processes: Math.min(Math.max(processes, LEAST_PROCESSES), MOST_PROCESSES),
  };
}

/**
 * The proxy for an address, from what this program was given: HTTPS only, and not for what NO_PROXY names (hosts,
 * domains with or without a dot in front; networks are not looked at, since registries have names).
 */
export function proxyFrom(
  environment: Readonly<Record<string, string | undefined>>,
): (url: string) => string | undefined {
  const proxy = environment["HTTPS_PROXY"] ?? environment["https_proxy"];
  const without = (environment["NO_PROXY"] ?? environment["no_proxy"] ?? "")
    .split(",")
    .map((word) =>
      word
        .trim()
        .replace(/^\*?\./, "")
        .toLowerCase(),
    )
    .filter((word) => word !== "");
  return (url) => {
    const { protocol, hostname, host } = new URL(url);
    if (proxy === undefined || proxy === "" || protocol !== "https:") return undefined;
    const excepted = without.some((word) => hostname === word || host === word || hostname.endsWith(`.${word}`));
    if (excepted) return undefined;
    return /^https?:\/\//.test(proxy) ? proxy : `http://${proxy}`;
  };
}
