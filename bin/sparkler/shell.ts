/** `sparkler shell`: a session in the control container, over the control channel; nothing of the network is needed. */
import { runExec } from "../../api/client/exec.ts";
import { stringOption } from "../../base/command.ts";
import { createProgress } from "../../base/progress.ts";
import { files, openSocketPath } from "../../machine/paths.ts";
import { awaitContainer } from "./await-container.ts";
import { runningMachineOf } from "./machine-of.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { nameOption, nameProblems } from "./options.ts";

const defaultContainer = "control";
const loginShell = ["bash", "-l"];

export const command: OperatorCommand = {
  summary: "Open a shell in the control container of a machine, or run one command there.",
  operands: "[-- COMMAND…]",
  options: {
    name: nameOption,
    container: {
      type: "string",
      value: "NAME",
      summary: `Another host container (default "${defaultContainer}")`,
    },
  },
  help: `  sparkler shell
  sparkler shell -- uname -a
  sparkler shell -- sh -c 'cat > /tmp/x' < x

Any number of sessions may be open. Exit status: that of the command, or 128 and the number of the signal that ended it.`,
  problems: nameProblems,
  async run({ options, args, untilInterrupted }) {
    const { name, folder } = await runningMachineOf(options);
    const container = stringOption(options, "container") ?? defaultContainer;
    const socket = openSocketPath(folder, files.api);
    try {
      await awaitContainer({ name, folder, container, progress: createProgress(), signal: untilInterrupted() });
      const words = args.length === 0 ? loginShell : args;
      return await runExec({ target: container, command: words, tty: undefined }, { socketPath: socket.path });
    } finally {
      socket.close();
    }
  },
};
