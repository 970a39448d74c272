/** What a further process of a container is to be: as the container's own, but for the command and the terminal. Pure. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { Initialize } from "./messages.ts";

/** The terminal that programs are told of; the client's own name is not part of the protocol. */
const TERM = "screen";

type Json = Readonly<Record<string, unknown>>;

/** `specification` is the container's, as JSON. */
export function processSpec(
  specification: Uint8Array,
  { command, tty }: Pick<Initialize, "command" | "tty">,
): Result<object, "bad-command" | "bad-specification"> {
  const own = processOf(specification);
  if (own === undefined) return fail(new Fault("bad-specification", "Cannot read the specification of the container"));
  const args = command.map(textOf);
  if (args.includes(undefined)) {
    return fail(new Fault("bad-command", "Cannot run the command: a word of it is not UTF-8"));
  }
  const given = Array.isArray(own["env"]) ? own["env"].filter((word) => typeof word === "string") : [];
  const env = given.some((word) => word.startsWith("TERM=")) ? given : [...given, `TERM=${TERM}`];
  const size = tty?.size;
  const { consoleSize: _, ...rest } = own;
  return ok({
    ...rest,
    args,
    env,
    terminal: tty !== undefined,
    ...(size === undefined ? {} : { consoleSize: { height: size.rows, width: size.cols } }),
  });
}

function processOf(specification: Uint8Array): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(specification).toString("utf8"));
    const process: unknown = isObject(value) ? value["process"] : undefined;
    return isObject(process) ? process : undefined;
  } catch {
    return undefined; // it is no JSON
  }
}

function textOf(word: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(word);
  } catch {
    return undefined; // containerd takes specifications as JSON, which has no other words
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
