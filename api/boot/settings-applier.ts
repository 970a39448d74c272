/**
 * `settings-applier`: all settings of a boot in one process. A file that could not be written is exit 1, which stops
 * the boot: what comes next would run with a configuration that nobody asked for. A service or kernel parameter that did
 * not take its settings is logged and shown by the API, and the boot goes on.
 */
import { type Command, stringOption } from "../../base/command.ts";
import { apiAt } from "../client/connection.ts";
import { DEFAULT_SOCKET, logLevelOption, socketOption } from "../program.ts";
import { DEFAULT_MARKER } from "./marker.ts";
import { userDataReader } from "./read-user-data.ts";
import { bootSettings } from "./settings.ts";

export const command: Command = {
  name: "settings-applier",
  summary: "Bring this boot's settings about: user data, generators, commit, apply",
  options: {
    ...socketOption,
    marker: { type: "string", value: "FILE", summary: `Says that user data was read (default ${DEFAULT_MARKER})` },
    root: { type: "string", value: "FOLDER", summary: "Folder to treat as / for user data" },
    ...logLevelOption,
  },
  async run({ options, log }) {
    const outcome = await bootSettings({
      api: apiAt(stringOption(options, "socket-path") ?? DEFAULT_SOCKET, { agent: "settings-applier" }),
      log,
      marker: stringOption(options, "marker") ?? DEFAULT_MARKER,
      readUserData: userDataReader(stringOption(options, "root")),
    });
    return outcome.files.some(({ state }) => state === "failed" || state === "skipped") ? 1 : 0;
  },
};
