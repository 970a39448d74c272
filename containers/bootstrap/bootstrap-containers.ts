/** `bootstrap-containers`: sets up, runs and marks the containers that settings want at boot. Contracts section 10.5. */
import { type Command, type Invocation, stringOption } from "../../base/command.ts";
import { orThrow } from "../../base/result.ts";
import { bootstrapMode } from "../../settings/types/bootstrap-mode.ts";
import { identifier } from "../../settings/types/identifier.ts";
import { runApiclient } from "./api-program.ts";
import { type BootstrapContainer, CONTAINERS_FILE, parseContainers, readIfThere } from "./configuration.ts";
import { createContainers } from "./create-containers.ts";
import { mark } from "./mark.ts";
import { runContainers, systemPorts } from "./run-containers.ts";

const verbs: Readonly<Record<string, (invocation: Invocation) => Promise<number>>> = {
  "create-containers": async ({ options, log }) => {
    const root = stringOption(options, "root") ?? "/";
    return (await createContainers(await configured(options), { root, log })) ? 0 : 1;
  },
  "run-containers": async ({ options, log }) =>
    (await runContainers(await configured(options), systemPorts(log))) ? 0 : 1,
  "mark-bootstrap": async ({ options, log }) => {
    const name = identifier.safeParse(stringOption(options, "container-id"));
    const mode = bootstrapMode.safeParse(stringOption(options, "mode"));
    if (!name.success || !mode.success) {
      process.stderr.write('bootstrap-containers: "mark-bootstrap" needs --container-id NAME and --mode MODE\n');
      return 2;
    }
    const marking = { section: "bootstrap-containers", name: name.data, mode: mode.data } as const;
    if (await mark(marking, runApiclient)) {
      log.info("A bootstrap container was for one boot and is off now", { name: name.data });
    }
    return 0;
  },
};

export const command: Command = {
  name: "bootstrap-containers",
  summary: `Set up, run or mark the containers that settings want at boot: ${Object.keys(verbs).join(", ")}.`,
  operands: "VERB",
  minArgs: 1,
  maxArgs: 1,
  options: {
    "container-id": { type: "string", value: "NAME", summary: "of mark-bootstrap: which container has run" },
    mode: { type: "string", value: "MODE", summary: "of mark-bootstrap: the mode that it has run with" },
    config: { type: "string", value: "FILE", summary: `What settings want (default ${CONTAINERS_FILE})` },
    root: { type: "string", value: "FOLDER", summary: "of create-containers: treat this folder as /" },
    "log-level": { type: "string", value: "LEVEL", summary: "debug, info (default), warn, or error" },
  },
  async run(invocation) {
    const [verb = ""] = invocation.args;
    const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (found !== undefined) return found(invocation);
    process.stderr.write(`bootstrap-containers: No verb "${verb}"; there are: ${Object.keys(verbs).join(", ")}\n`);
    return 2;
  },
};

async function configured(options: Invocation["options"]): Promise<readonly BootstrapContainer[]> {
  return orThrow(parseContainers(await readIfThere(stringOption(options, "config") ?? CONTAINERS_FILE)));
}
