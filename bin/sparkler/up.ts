/** `sparkler up`: from whatever there is to a machine whose API answers. */
import { type OptionSpec, stringOption, type Values } from "../../base/command.ts";
import { createProgress, type Progress } from "../../base/progress.ts";
import { Fault, orThrow } from "../../base/result.ts";
import { pickSettings } from "../../machine/api.ts";
import { parsePublished } from "../../machine/published.ts";
import { parseMemory, parseSize } from "../../machine/size.ts";
import { bringUp, type Started, type StartImage, type StartOptions } from "../../machine/start.ts";
import { machineStatus } from "../../machine/status.ts";
import { stopMachine } from "../../machine/stop.ts";
import { awaitMachine } from "./await-machine.ts";
import { describeMachine, describeSettings, nextCommands } from "./describe.ts";
import { machinesFolder, repository } from "./folders.ts";
import { machineOf, type Named, noSuchMachine, sparkler } from "./machine-of.ts";
import { chooseMirror } from "./mirror.ts";
import type { OperatorCommand } from "./operator-command.ts";
import * as shared from "./options.ts";

/** Generous: an emulated machine on a busy host takes about a minute. */
const apiTimeoutMs = 240_000;
const settingsShown = 3;

const options: Readonly<Record<string, OptionSpec>> = {
  name: shared.nameOption,
  variant: { ...shared.variantOption, summary: "Variant of the image (default qemu-dev, or what the machine has)" },
  memory: {
    type: "string",
    value: "SIZE",
    summary: "Memory, in MiB or as in 2G (default 512, or what the machine has)",
  },
  "disk-size": {
    type: "string",
    value: "SIZE",
    summary: "Size of the disk, as in 8G; it only grows (default 4G)",
  },
  "ephemeral-disk": {
    type: "string",
    value: "SIZE",
    multiple: true,
    summary:
      "A further NVMe disk for data that need not last; several times for several (default what the machine has)",
  },
  publish: {
    type: "string",
    value: "HERE:THERE",
    multiple: true,
    summary: "A port of this machine's loopback that leads to one of the machine's; several times for several",
  },
  "user-data": {
    type: "string",
    value: "FILE",
    summary: "TOML for the first boot of a disk; an empty file takes it away",
  },
  fresh: { type: "boolean", summary: "Make the disk anew from the present image: settings and data are lost" },
  "no-build": { type: "boolean", summary: "Do not build when the machine has a disk already" },
  mirror: shared.mirrorOption,
  json: shared.jsonOption,
};

export const command: OperatorCommand = {
  summary: "Build the image where something changed, start a machine, and wait until its API answers.",
  options,
  help: `A machine keeps its disk, and what was given here, until "up --fresh" or "down --delete". Ctrl-C stops a machine
that this call has started; what was downloaded and built is kept.`,
  problems: (values) => [
    ...shared.nameProblems(values),
    ...shared.variantProblems(values),
    ...sizeProblems(values),
    ...shared.mirrorProblems(values),
  ],
  async run({ options: values, untilInterrupted }) {
    const named = machineOf(values);
    const progress = createProgress();
    const signal = untilInterrupted();
    const started = await bringUp(await startOptions(values, named, progress, signal));
    const settings = await settingsOf(named, started, progress, signal);
    await report(values, named, started, settings);
    return 0;
  },
};

function sizeProblems(values: Values): readonly string[] {
  const memory = stringOption(values, "memory");
  const disk = stringOption(values, "disk-size");
  return [
    ...(ephemeralSizes(values) ?? []).flatMap((size) => shared.problemOf(parseSize(size))),
    ...(publishedPorts(values) ?? []).flatMap((port) => shared.problemOf(parsePublished(port))),
    ...(memory === undefined ? [] : shared.problemOf(parseMemory(memory))),
    ...(disk === undefined ? [] : shared.problemOf(parseSize(disk))),
  ];
}

function publishedPorts(values: Values): readonly string[] | undefined {
  const given = values["publish"];
  return Array.isArray(given) ? given.map(String) : undefined;
}

function ephemeralSizes(values: Values): readonly string[] | undefined {
  const given = values["ephemeral-disk"];
  return Array.isArray(given) ? given.map(String) : undefined;
}

async function startOptions(
  values: Values,
  { folder }: Named,
  progress: Progress,
  signal: AbortSignal,
): Promise<StartOptions> {
  const memory = stringOption(values, "memory");
  const disk = stringOption(values, "disk-size");
  const mirrorUrl = await chooseMirror(stringOption(values, "mirror"));
  return {
    folder,
    variant: stringOption(values, "variant"),
    memoryMib: memory === undefined ? undefined : orThrow(parseMemory(memory)),
    diskBytes: disk === undefined ? undefined : orThrow(parseSize(disk)),
    published: publishedPorts(values)?.map((port) => orThrow(parsePublished(port))),
    ephemeralDisks: ephemeralSizes(values)?.map((size) => orThrow(parseSize(size))),
    userData: stringOption(values, "user-data"),
    fresh: values["fresh"] === true,
    onlyWhenNeeded: values["no-build"] === true,
    image: async (variant): Promise<StartImage> => {
      const { buildImage } = await import("../../image/build.ts");
      const image = await buildImage({ variant, mirrorUrl, progress, signal });
      const { buildContainers } = await import("../../image/containers/build-all.ts");
      await buildContainers({ mirrorUrl, progress, signal }); // machines pull them from here
      return image;
    },
    tools: async () => (await import("./qemu-tools.ts")).qemuTools({ progress, signal, mirrorUrl }),
    monitorCommand: [process.execPath, `${repository}bin/sparkler.ts`, "monitor", folder],
    progress,
    signal,
  };
}

/** Waits for the settings. Interrupted, it stops the machine if this call has started it. */
async function settingsOf(named: Named, started: Started, progress: Progress, signal: AbortSignal): Promise<unknown> {
  const { name, folder } = named;
  try {
    return await awaitMachine({ folder, progress, signal, timeoutMs: apiTimeoutMs });
  } catch (thrown) {
    if (signal.aborted && started.how !== "running") await stopMachine(folder, progress, true);
    if (signal.aborted || !(thrown instanceof Fault) || thrown.code !== "not-up") throw thrown;
    const hints = `"${sparkler(name, "console")}" shows all of it, "${sparkler(name, "down")}" stops the machine`;
    throw new Fault("not-up", `${thrown.message}\n${hints}`, thrown.details, thrown);
  }
}

async function report(values: Values, { name }: Named, started: Started, settings: unknown): Promise<void> {
  const status = await machineStatus(machinesFolder, name);
  if (status === undefined) throw noSuchMachine(name);
  const { how, newerImage } = started;
  if (values["json"] === true) {
    const answer = { ...status, how, newerImage: newerImage ?? null, settings };
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    return;
  }
  const already = how === "running" ? `Machine "${name}" was running already\n\n` : "";
  const newer =
    newerImage === undefined
      ? ""
      : `\nIt runs the image its disk was made from. The present one is ${newerImage}:\n` +
        `  ${sparkler(name, "down")} && ${sparkler(name, "up --fresh")}   makes the disk anew; settings and data are lost\n`;
  const some = describeSettings(pickSettings(settings, settingsShown));
  process.stdout.write(
    `\n${already}${describeMachine(status)}${newer}\nSettings read from it:\n${some}\nTry next:\n${nextCommands(name)}`,
  );
}
