/** The account files of a container image: passwd(5), group(5), shadow(5), with no password anywhere. Pure. */
import type { Account } from "../definitions.ts";
import type { ContainerDefinition, ContainerUser } from "./definition.ts";
import type { Entry } from "./entry.ts";

const SHELL = "/bin/bash";
const NO_LOGIN = "/usr/sbin/nologin";

/** Of all definitions of an image together. `*` is a password that nothing matches, and does not lock a key out. */
export function accountFiles(chain: readonly ContainerDefinition[]): readonly Entry[] {
  const users = chain.flatMap((each) => each.users ?? []).toSorted((a, b) => a.id - b.id);
  const groups = [...users, ...chain.flatMap((each): readonly Account[] => each.groups ?? [])];
  const passwd = [`root:x:0:0:root:/root:${SHELL}`, ...users.map(passwdLine), nobody(NO_LOGIN), ""];
  const group = [
    "root:x:0:",
    ...groups.toSorted((a, b) => a.id - b.id).map(({ name, id }) => `${name}:x:${id}:`),
    "nogroup:x:65534:",
    "",
  ];
  const shadow = [...["root", ...users.map(({ name }) => name), "nobody"].map((name) => `${name}:*:20089::::::`), ""];
  return [file("etc/group", 0o644, group), file("etc/passwd", 0o644, passwd), file("etc/shadow", 0o600, shadow)];
}

function passwdLine({ name, id, why, home, shell }: ContainerUser): string {
  return `${name}:x:${id}:${id}:${why.replaceAll(":", ",")}:${home ?? "/"}:${shell ?? NO_LOGIN}`;
}

function nobody(shell: string): string {
  return `nobody:x:65534:65534:nobody:/:${shell}`;
}

function file(path: string, mode: number, lines: readonly string[]): Entry {
  return { path, mode, uid: 0, gid: 0, kind: "file", from: Buffer.from(lines.join("\n")) };
}
