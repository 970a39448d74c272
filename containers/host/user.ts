/** The user that an image asks for: numbers, or names that the image's own account files explain. Pure. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type User = { readonly uid: number; readonly gid: number };

/** The image's /etc/passwd and /etc/group. */
export type AccountFiles = { readonly passwd: string; readonly group: string };

const NUMBER = /^\d{1,9}$/;

/** Whether the image's account files are needed to know the user. */
export function needsAccounts(text: string): boolean {
  return text !== "" && text !== "root" && !text.split(":").every((word) => NUMBER.test(word));
}

/** Reads `USER[:GROUP]`, each a name or a number (OCI image configuration, "User"); nothing means root. */
export function parseUser(text: string, files?: AccountFiles): Result<User, "unknown-user"> {
  if (text === "" || text === "root") return ok({ uid: 0, gid: 0 });
  const [user = "", group, ...more] = text.split(":");
  if (more.length > 0 || user === "") return unknown(text, "it is not USER or USER:GROUP");
  const account = NUMBER.test(user) ? { id: Number(user), gid: 0 } : find(files?.passwd, user);
  if (account === undefined) return unknown(text, `the image has no user "${user}"`);
  if (group === undefined) return ok({ uid: account.id, gid: account.gid });
  const gid = NUMBER.test(group) ? Number(group) : find(files?.group, group)?.id;
  if (gid === undefined) return unknown(text, `the image has no group "${group}"`);
  return ok({ uid: account.id, gid });
}

/** An entry of passwd(5) or group(5): third field, and the fourth, which only the former has as a number. */
function find(file: string | undefined, name: string): { readonly id: number; readonly gid: number } | undefined {
  for (const line of file?.split("\n") ?? []) {
    const [found, , id = "", gid = ""] = line.split(":");
    if (found === name && NUMBER.test(id)) return { id: Number(id), gid: NUMBER.test(gid) ? Number(gid) : 0 };
  }
  return undefined;
}

function unknown(text: string, why: string): Result<never, "unknown-user"> {
  return fail(new Fault("unknown-user", `Cannot start the image: it asks for the user "${text}", and ${why}`));
}
