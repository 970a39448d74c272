/** Options that the programs around the API have in common. */
import type { OptionSpec } from "../base/command.ts";

export const DEFAULT_SOCKET = "/run/api.sock";

/** Read by the table of names, which makes the log before the program runs. */
export const logLevelOption: Readonly<Record<string, OptionSpec>> = {
  "log-level": { type: "string", value: "LEVEL", summary: "debug, info (default), warn, or error" },
};

export const socketOption: Readonly<Record<string, OptionSpec>> = {
  "socket-path": { type: "string", value: "FILE", summary: `The API's socket (default ${DEFAULT_SOCKET})` },
};
