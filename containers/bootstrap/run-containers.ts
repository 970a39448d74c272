/**
 * Running bootstrap containers at boot. Their units are made from settings, after systemd has worked out what this boot
 * starts, so they cannot be part of that: a unit that was there from the start and is ordered before
 * `configured.target`, bootstrap-containers.service, has them started and waits for them here. It alone is required by
 * that target, and fails when an essential container did.
 */
import type { Log } from "../../base/log.ts";
import { Fault, orThrow, type Result } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { SYSTEMCTL } from "../../settings/services/table.ts";
import { systemUnits } from "../../settings/apply/system-units.ts";
import { BOOTSTRAP_PREFIX } from "../host/status.ts";
import type { BootstrapContainer } from "./configuration.ts";
import { isWanted, unitOf } from "./create-containers.ts";
import { FACTS, type Failure, failuresOf, readFacts } from "./judge.ts";
import { waitForNetwork } from "./network.ts";

const TARGET = "bootstrap-containers.target";
const RESOLVER = "systemd-resolved.service";
const HOST_CTR = "/usr/bin/host-ctr";
const SHORT_MS = 60_000;
/** A machine's network is there within seconds, or will not be there at all. */
const NETWORK_MS = 60_000;
/** Images of this host stand in the OS image. */
const BUILT_IN = "host.internal/";

export type SystemPorts = {
  readonly systemctl: (words: readonly string[], timeoutMs?: number) => Promise<Result<{ readonly stdout: string }>>;
  readonly lastLines: (unit: string) => Promise<readonly string[]>;
  readonly waitForNetwork: (timeoutMs: number) => Promise<boolean>;
  /** Takes away what there still is of a container that has ended. */
  readonly cleanUp: (id: string) => Promise<Result<unknown>>;
  readonly log: Log;
};

export function systemPorts(log: Log): SystemPorts {
  return {
    systemctl: (words, timeoutMs) =>
      run([SYSTEMCTL, ...words], { maxOutput: 256 * 1024, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    lastLines: (unit) => systemUnits.lastLines(unit),
    waitForNetwork: (timeoutMs) => waitForNetwork(timeoutMs),
    cleanUp: (id) => run([HOST_CTR, "clean-up", `--container-id=${id}`], { timeoutMs: SHORT_MS }),
    log,
  };
}

/** Runs what is to be run, and waits for its end. False when an essential container failed. */
export async function runContainers(containers: readonly BootstrapContainer[], ports: SystemPorts): Promise<boolean> {
  const { log, systemctl } = ports;
  const due = containers.filter(({ mode }) => mode !== "off");
  if (due.length === 0) return true;
  const wanted = due.filter(isWanted);
  if (wanted.length > 0) await startResolver(ports);
  if (wanted.some(({ source }) => !source.startsWith(BUILT_IN))) await awaitNetwork(ports);
  if (wanted.length > 0) {
    orThrow(await systemctl(["daemon-reload"], SHORT_MS));
    log.info("Bootstrap containers are run", { names: wanted.map(({ name }) => name) });
    // However it ends: the units themselves are judged. Containers take as long as they take.
    await systemctl(["start", TARGET]);
    await cleanUpAfter(wanted, ports);
  }
  const failures = [...withoutSource(due), ...failuresOf(wanted, await factsOf(wanted, ports))];
  for (const failure of failures) await report(failure, ports);
  return failures.every(({ essential }) => !essential);
}

/**
 * Whoever ran a container takes it away as well, but may not get to it in time on a machine that starts much at once; and
 * of one that is run only once nobody else ever would.
 */
async function cleanUpAfter(wanted: readonly BootstrapContainer[], { cleanUp, log }: SystemPorts): Promise<void> {
  for (const { name } of wanted) {
    const done = await cleanUp(`${BOOTSTRAP_PREFIX}${name}`);
    if (!done.ok) log.warn("Not all of a bootstrap container is taken away", { name, problem: done.fault.message });
  }
}

function withoutSource(due: readonly BootstrapContainer[]): readonly Failure[] {
  return due
    .filter((container) => !isWanted(container))
    .map(({ name, essential }) => ({ name, essential, unit: unitOf(name), how: "it has no source" }));
}

/**
 * In boots that run no bootstrap container, names are resolved only from `configured.target` on. Here its file is needed
 * earlier, by the program that fetches images and by every container, which gets that very file.
 */
async function startResolver({ systemctl, log }: SystemPorts): Promise<void> {
  // Its start waits for `configured.target`, which waits for this program: the wait is taken off that one job.
  const words = ["start", "--job-mode=ignore-dependencies", RESOLVER];
  const started = await systemctl(words, SHORT_MS);
  if (!started.ok) log.warn("Names cannot be resolved yet", { problem: started.fault.message });
}

async function awaitNetwork({ waitForNetwork: wait, log }: SystemPorts): Promise<void> {
  if (!(await wait(NETWORK_MS))) log.warn("There is no network; images are looked for all the same");
}

async function factsOf(
  wanted: readonly BootstrapContainer[],
  { systemctl }: SystemPorts,
): Promise<ReturnType<typeof readFacts>> {
  if (wanted.length === 0) return new Map();
  const units = wanted.map(({ name }) => unitOf(name));
  const asked = await systemctl(["show", `--property=${FACTS.join(",")}`, "--", ...units], SHORT_MS);
  if (!asked.ok) throw Fault.from("not-judged", "Cannot tell how bootstrap containers ended", asked.fault);
  return readFacts(asked.value.stdout);
}

async function report({ name, unit, essential, how }: Failure, { log, lastLines }: SystemPorts): Promise<void> {
  if (!essential) {
    log.warn("A bootstrap container failed; it is not essential, so the boot goes on", { name, how });
    return;
  }
  log.error(`The essential bootstrap container "${name}" failed: ${how}. The boot stops here`);
  for (const line of await lastLines(unit)) log.error(`  ${line}`);
  log.error(`To go on without it: apiclient set bootstrap-containers.${name}.mode=off, then apiclient reboot`);
  log.error(`To look further, from the machine that runs this one: ./sparkler logs, ./sparkler api get settings`);
}
