/** `sparkler monitor FOLDER`: the process that `up` leaves behind, one for each running machine. */
import { serveControl } from "../../api/channel/host.ts";
import { serveRegistry } from "../../machine/registry/server.ts";
import { monitor } from "../../machine/monitor.ts";
import { containerImagesFolder } from "./folders.ts";
import type { OperatorCommand } from "./operator-command.ts";

export const command: OperatorCommand = {
  summary: "Own one running machine until it ends; SIGTERM ends it at once",
  operands: "FOLDER",
  minArgs: 1,
  maxArgs: 1,
  options: {},
  async run({ args, log, untilInterrupted }) {
    const serveImages = (socket: string): Promise<AsyncDisposable> =>
      serveRegistry({ folder: containerImagesFolder, socket, log });
    await monitor({ folder: args[0] ?? "", serveControl, serveImages, log, signal: untilInterrupted() });
    return 0;
  },
};
