/**
 * `early-boot-config`: stages user data, for debugging by itself. It writes no marker, since nothing is committed yet;
 * refused user data is exit 1 with every problem in the log.
 */
import { type Command, stringOption } from "../../base/command.ts";
import { apiAt } from "../client/connection.ts";
import { DEFAULT_SOCKET, logLevelOption, socketOption } from "../program.ts";
import { userDataReader } from "./read-user-data.ts";
import { reportProblems, stageUserData } from "./user-data.ts";

export const command: Command = {
  name: "early-boot-config",
  summary: "Stage user data for the first commit of this machine",
  options: {
    ...socketOption,
    root: { type: "string", value: "FOLDER", summary: "Folder to treat as / for user data" },
    ...logLevelOption,
  },
  async run({ options, log }) {
    const api = apiAt(stringOption(options, "socket-path") ?? DEFAULT_SOCKET, { agent: "early-boot-config" });
    const problems = await stageUserData(api, userDataReader(stringOption(options, "root")), log);
    reportProblems(problems, log);
    return problems.length === 0 ? 0 : 1;
  },
};
