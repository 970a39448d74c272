/**
 * `host-containers`: makes the host containers that run those that settings want. Settings run it when they change, its
 * unit runs it at boot. Contracts §10.1.
 */
import { type Command, stringOption } from "../../base/command.ts";
import { orThrow } from "../../base/result.ts";
import { applyPlan, awaitContainers, digestOf, findFailing, readPresent } from "./apply.ts";
import { planHostContainers } from "./plan.ts";
import { HOST_CONTAINERS_FILE, readWanted } from "./wanted.ts";

export const command: Command = {
  name: "host-containers",
  summary: "Start, stop and change host containers as settings want.",
  options: {
    config: { type: "string", value: "FILE", summary: `What is wanted (default ${HOST_CONTAINERS_FILE})` },
    "at-boot": { type: "boolean", summary: "Do not wait until they run" },
    "dry-run": { type: "boolean", summary: "Only say what would be stopped and started" },
    "log-level": { type: "string", value: "LEVEL", summary: "debug, info, warn or error (default info)" },
  },
  async run({ options, log }) {
    const { wanted, problems } = orThrow(await readWanted(stringOption(options, "config") ?? HOST_CONTAINERS_FILE));
    const plan = planHostContainers(wanted, await readPresent(), digestOf);
    if (options["dry-run"] === true) {
      const start = plan.start.map(({ name }) => name);
      process.stdout.write(`${JSON.stringify({ stop: plan.stop, start }, undefined, 2)}\n`);
      return 0;
    }
    const failed = [...problems, ...(await applyPlan(plan, log))];
    if (options["at-boot"] !== true) {
      failed.push(
        ...(await awaitContainers(
          plan.start.map(({ name }) => name),
          log,
        )),
      );
      failed.push(...(await findFailing(plan.stay)));
    }
    for (const problem of failed) log.error(problem);
    return failed.length === 0 ? 0 : 1;
  },
};
