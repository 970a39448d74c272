/** `settings-committer`: commits what boot has staged. Contracts section 7.5. */
import { type Command, stringOption } from "../../base/command.ts";
import { apiAt } from "../client/connection.ts";
import { DEFAULT_SOCKET, logLevelOption, socketOption } from "../program.ts";
import { LAUNCH_TX } from "./api.ts";
import { commit } from "./steps.ts";

export const command: Command = {
  name: "settings-committer",
  summary: "Commit staged settings without applying them; nothing staged is fine",
  options: {
    transaction: { type: "string", value: "TX", summary: `What to commit (default ${LAUNCH_TX})` },
    ...socketOption,
    ...logLevelOption,
  },
  async run({ options, log }) {
    const api = apiAt(stringOption(options, "socket-path") ?? DEFAULT_SOCKET, { agent: "settings-committer" });
    const problems = await commit(api, stringOption(options, "transaction") ?? LAUNCH_TX, log);
    for (const problem of problems) log.error("Settings are refused", { problem });
    return problems.length === 0 ? 0 : 1;
  },
};
