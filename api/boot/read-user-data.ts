/** The user data of this machine. What reads it is imported only when it is needed: at the first boot. */
import type { ReadUserData } from "./user-data.ts";

export function userDataReader(root: string = "/"): ReadUserData {
  return async () => {
    const { readUserData } = await import("../../settings/user-data/read.ts");
    return readUserData({ root });
  };
}
