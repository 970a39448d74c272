/** The account files of the image, made from the package definitions: passwd(5), group(5), no passwords anywhere. */
import type { PackageDefinition } from "../definitions.ts";

const NO_LOGIN = "/usr/sbin/nologin";

export function passwdFile(packages: readonly PackageDefinition[]): string {
  const users = packages.flatMap((each) => each.users ?? []).toSorted((a, b) => a.id - b.id);
  const lines = users.map(
    (user) => `${user.name}:x:${user.id}:${user.id}:${user.why.replaceAll(":", ",")}:${user.home ?? "/"}:${NO_LOGIN}`,
  );
  return [`root:x:0:0:root:/root:${NO_LOGIN}`, ...lines, `nobody:x:65534:65534:nobody:/:${NO_LOGIN}`, ""].join("\n");
}

/** Every user has a group of its own name and id. */
export function groupFile(packages: readonly PackageDefinition[]): string {
  const groups = packages.flatMap((each) => [...(each.users ?? []), ...(each.groups ?? [])]);
  const lines = groups.toSorted((a, b) => a.id - b.id).map((group) => `${group.name}:x:${group.id}:`);
  return ["root:x:0:", ...lines, "nogroup:x:65534:", ""].join("\n");
}
