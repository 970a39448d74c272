/** `ephemeral-storage`: does what the API server has written down for it, and writes down what came of it. */
import { readFile } from "node:fs/promises";
import type { Command } from "../../base/command.ts";
import { writeFileDurable } from "../../base/durable.ts";
import { Fault } from "../../base/result.ts";
import { carryOut } from "./carry-out.ts";
import { OUTCOME_FILE, REQUEST_FILE, storedOutcome, storedRequest, type StoredRequest } from "./request.ts";

export const command: Command = {
  name: "ephemeral-storage",
  summary: `Carry out ${REQUEST_FILE}, and write ${OUTCOME_FILE}. Started by the API server through its unit.`,
  options: { "log-level": { type: "string", value: "LEVEL", summary: "debug, info (default), warn, or error" } },
  async run({ log }) {
    const { id, request } = await readRequest();
    try {
      await carryOut(request, log);
      await writeFileDurable(OUTCOME_FILE, JSON.stringify({ id }), { mode: 0o600 });
      return 0;
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      const outcome = storedOutcome.parse({ id, problem: { code: thrown.code, message: thrown.message } });
      await writeFileDurable(OUTCOME_FILE, JSON.stringify(outcome), { mode: 0o600 });
      throw thrown;
    }
  },
};

/** Narrows to a fault of any code, where `instanceof` alone would say nothing about the code's type. */
function isFault(thrown: unknown): thrown is Fault {
  return thrown instanceof Fault;
}

async function readRequest(): Promise<StoredRequest> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(REQUEST_FILE, "utf8"));
  } catch (cause) {
    throw Fault.from("not-read", `Cannot read "${REQUEST_FILE}"`, cause);
  }
  const read = storedRequest.safeParse(value);
  if (read.success) return read.data;
  throw new Fault("not-read", `Cannot read "${REQUEST_FILE}": it is no request`);
}
