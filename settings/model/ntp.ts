/** Settings of the clock's synchronisation. */
import type * as z from "zod";
import { listOf } from "../types/list-of.ts";
import { singleLineString } from "../types/single-line-string.ts";
import { timeServer } from "../types/time-server.ts";
import type { Group } from "./definition.ts";
import type { NtpSettings } from "./settings.ts";

const ntpOption: z.ZodType<string, string> = singleLineString.refine(
  (option) => option.length <= 64 && /^[A-Za-z0-9][A-Za-z0-9 ._:-]*$/.test(option),
  "must be a chrony server option such as iburst or minpoll 4",
);

export const ntp: Group<NtpSettings> = {
  kind: "group",
  description: "Time synchronisation",
  since: "0.1.0",
  services: ["ntp"],
  members: {
    "time-servers": {
      kind: "setting",
      description: "Servers to take the time from: host names or addresses, with a port at most",
      since: "0.1.0",
      schema: listOf(timeServer, 64),
      default: ["0.debian.pool.ntp.org", "1.debian.pool.ntp.org", "2.debian.pool.ntp.org", "3.debian.pool.ntp.org"],
    },
    options: {
      kind: "setting",
      description: "Options that are given to every time server, in chrony's words",
      since: "0.1.0",
      schema: listOf(ntpOption, 32),
      default: ["iburst"],
    },
  },
};
