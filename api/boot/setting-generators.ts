/** `setting-generators`: stages what generators make for unset keys; they run in the server, beside the store. */
import { type Command, stringOption } from "../../base/command.ts";
import { apiAt } from "../client/connection.ts";
import { DEFAULT_SOCKET, logLevelOption, socketOption } from "../program.ts";
import { generate } from "./steps.ts";

export const command: Command = {
  name: "setting-generators",
  summary: "Stage generated values of settings that nobody has set",
  options: { ...socketOption, ...logLevelOption },
  async run({ options, log }) {
    const api = apiAt(stringOption(options, "socket-path") ?? DEFAULT_SOCKET, { agent: "setting-generators" });
    await generate(api, log);
    return 0;
  },
};
