/**
 * Ephemeral storage as the server reaches it. The server may neither mount nor open disks; what is asked goes into a file
 * and a unit of its own is started, which may do that and nothing else, and leaves its answer in another file.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { writeFileDurable } from "../../base/durable.ts";
import { Fault } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { findDisks } from "../../disk/ephemeral/facts.ts";
import {
  type EphemeralRequest,
  FOLDER,
  OUTCOME_FILE,
  REQUEST_FILE,
  storedOutcome,
  type StoredOutcome,
  UNIT,
} from "../../disk/ephemeral/request.ts";
import { SYSTEMCTL } from "../../settings/services/table.ts";

export type EphemeralStorage = {
  readonly findDisks: () => Promise<readonly string[]>;
  /** One at a time. Throws a `Fault`; see `EphemeralFault` for its codes. */
  readonly carryOut: (request: EphemeralRequest) => Promise<void>;
};

/** The unit has its own limits of time for what it starts; this is beyond all of them. */
const TIMEOUT_MS = 900_000;

export function ephemeralUnit(): EphemeralStorage {
  let last: Promise<void> = Promise.resolve();
  return {
    findDisks: () => findDisks(),
    carryOut(request) {
      const next = last.then(() => throughUnit(request));
      last = next.catch(() => {}); // who asked is told; the next one does not depend on it
      return next;
    },
  };
}

async function throughUnit(request: EphemeralRequest): Promise<void> {
  const id = randomUUID();
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  await rm(OUTCOME_FILE, { force: true });
  await writeFileDurable(REQUEST_FILE, JSON.stringify({ id, request }), { mode: 0o600 });
  const started = await run([SYSTEMCTL, "start", UNIT], { timeoutMs: TIMEOUT_MS, maxOutput: 64 * 1024 });
  const outcome = await readOutcome();
  if (outcome?.id === id && outcome.problem !== undefined) {
    throw new Fault(outcome.problem.code, outcome.problem.message);
  }
  if (!started.ok) throw Fault.from("tool-failed", "Cannot change ephemeral storage", started.fault);
  if (outcome?.id !== id) throw new Fault("tool-failed", `Cannot change ephemeral storage: "${UNIT}" left no answer`);
}

async function readOutcome(): Promise<StoredOutcome | undefined> {
  const text = await readFile(OUTCOME_FILE, "utf8").catch(() => undefined); // it may have failed before it could write
  return text === undefined ? undefined : storedOutcome.parse(JSON.parse(text));
}
