/**
 * Which Debian mirror to use: the one given, or the one that this machine's own apt uses (sources.list(5), both the
 * one-line and the deb822 form). No mirror is written anywhere in the repository.
 */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type MirrorFault = "no-mirror";

/** Base addresses, without a trailing slash: `main` ends in `/debian`, `security` in `/debian-security` as a rule. */
export type Mirror = { readonly main: string; readonly security: string };

/** The mirror for both archives from one `--mirror URL`: the security archive is expected beside the main one. */
export function mirrorFromUrl(url: string): Mirror {
  const main = url.replace(/\/+$/, "");
  return { main, security: main.endsWith("/debian") ? `${main}-security` : main };
}

/** The mirror in `texts`, the contents of apt's source files: only archives whose suites are Debian's count. */
export function mirrorFromSources(texts: readonly string[]): Result<Mirror, MirrorFault> {
  const entries = texts.flatMap((text) => [...deb822Entries(text), ...oneLineEntries(text)]);
  const debian = entries.filter((entry) => /\/debian(-security)?\/?$/.test(entry.uri));
  const main = debian.find((entry) => !isSecurity(entry))?.uri.replace(/\/+$/, "");
  if (main === undefined) {
    const message = "Cannot find a Debian mirror in apt's sources: none is configured, wanted one or --mirror URL";
    return fail(new Fault("no-mirror", message));
  }
  const security = debian.find(isSecurity)?.uri.replace(/\/+$/, "") ?? mirrorFromUrl(main).security;
  return ok({ main, security });
}

/** Reads this machine's apt sources below `etc` (default `/etc/apt`). */
export async function readMirror(etc = "/etc/apt"): Promise<Result<Mirror, MirrorFault>> {
  const folder = join(etc, "sources.list.d");
  const names = await readdir(folder).catch((): string[] => []);
  const paths = [
    join(etc, "sources.list"),
    ...names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name)),
  ];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
  return mirrorFromSources(texts);
}

type Entry = { readonly uri: string; readonly suite: string };

function isSecurity(entry: Entry): boolean {
  return /-security|\/updates$/.test(entry.suite);
}

function deb822Entries(text: string): readonly Entry[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const lines = stanza.split("\n").filter((line) => !line.startsWith("#"));
    const field = (name: string): readonly string[] =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim()
        .split(/\s+/) ?? [];
    if (field("enabled")[0]?.toLowerCase() === "no") return [];
    return field("uris").flatMap((uri) => field("suites").map((suite) => ({ uri, suite })));
  });
}

function oneLineEntries(text: string): readonly Entry[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    return found?.[1] === undefined || found[2] === undefined ? [] : [{ uri: found[1], suite: found[2] }];
  });
}
