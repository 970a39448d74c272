/** The user that an image asks for. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type User = { readonly uid: number; readonly gid: number };

/** Reads `UID[:GID]`; nothing means root. Names would have to be looked up inside of the image, and are refused. */
export function parseUser(text: string): Result<User, "named-user"> {
  if (text === "" || text === "root") return ok({ uid: 0, gid: 0 });
  const [, uid, gid] = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text) ?? [];
  if (uid !== undefined) return ok({ uid: Number(uid), gid: Number(gid ?? 0) });
  return fail(new Fault("named-user", `Cannot start the image: it asks for the user "${text}", wanted numbers`));
}
