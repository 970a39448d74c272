/** `signpost`: shows and changes which partition set the machine starts (contracts §12.3). A usage error exits 1. */
import { type Command, type Invocation, stringOption } from "../../base/command.ts";
import { Fault } from "../../base/result.ts";
import {
  type Plan,
  planCancelUpgrade,
  planClearInactive,
  planMarkSuccessful,
  planMarkValid,
  planRollback,
  planUpgrade,
} from "../../disk/set/plan.ts";
import { changeSlots, openSlots, ownPlace, type Place } from "./slots.ts";
import { formatStatus, slotStatus } from "./status.ts";

type Verb = {
  readonly summary: string;
  readonly run: (place: Place, invocation: Invocation) => Promise<void>;
};

const changing = (summary: string, plan: Plan | undefined): Verb => ({
  summary,
  run: async (place, { log }) => {
    const written = await changeSlots(place, plan, log);
    log.info(written ? "partition table written" : "nothing to change", { disk: place.disk });
  },
});

const verbs: Readonly<Record<string, Verb>> = {
  status: {
    summary: "Show the OS disk, its sets, which is running and which is next",
    run: async (place, { options }) => {
      const status = slotStatus(place.disk, await openSlots(place));
      process.stdout.write(
        options["json"] === true ? `${JSON.stringify(status, undefined, 2)}\n` : formatStatus(status),
      );
    },
  },
  "mark-successful-boot": changing("The running set works: keep it", planMarkSuccessful),
  "clear-inactive": changing("Never start the other set, as it is about to be overwritten", planClearInactive),
  "mark-inactive-valid": changing("The other set holds a whole image: it may be tried once", planMarkValid),
  "upgrade-to-inactive": changing("Start the other set next, which holds a new image", planUpgrade),
  "cancel-upgrade": changing("Do not start the other set next; its image stays", planCancelUpgrade),
  "rollback-to-inactive": changing("Start the other set next, which worked before", planRollback),
  "rewrite-table": changing("Write the partition table as it is, which repairs a damaged copy", undefined),
  "has-boot-ever-succeeded": {
    summary: 'Print "true" when any boot of this disk was found good, otherwise nothing',
    run: async (place) => {
      if ((await openSlots(place)).state.everSucceeded) process.stdout.write("true\n");
    },
  },
};

const width = Math.max(...Object.keys(verbs).map((name) => name.length)) + 2;

export const command: Command = {
  name: "signpost",
  summary: "Show or change which partition set the machine starts.",
  operands: "VERB",
  minArgs: 1,
  maxArgs: 1,
  usageExit: 1,
  options: {
    json: { type: "boolean", summary: "Print the status as JSON" },
    disk: { type: "string", value: "PATH", summary: "Use this disk or image file, not the one under /" },
    active: { type: "string", value: "A|B", summary: "Which set counts as running; goes with --disk" },
  },
  help: `Verbs:\n${Object.entries(verbs)
    .map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`)
    .join("\n")}`,
  run: async (invocation) => {
    const [name = ""] = invocation.args;
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined) {
      throw new Fault("usage", `Cannot do "${name}": wanted one of ${Object.keys(verbs).join(", ")}`);
    }
    await verb.run(await placeOf(invocation), invocation);
    return 0;
  },
};

async function placeOf({ options }: Invocation): Promise<Place> {
  const [disk, active] = [stringOption(options, "disk"), stringOption(options, "active")];
  if (disk === undefined && active === undefined) return ownPlace();
  if (disk === undefined || (active !== "A" && active !== "B")) {
    throw new Fault("usage", 'Cannot use another disk: wanted both "--disk PATH" and "--active A" or "--active B"');
  }
  return { disk, active: { set: active } };
}
