/**
 * Reading `apiclient`'s command line. Global options count wherever they stand, and the first bare word is the
 * subcommand, as contracts sections 6.1 and 6.2 have it; so the words are sorted here by hand and not by a parser that
 * wants options first.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import { nearest } from "../../settings/model/nearest.ts";
import { isEphemeralOption, readEphemeral } from "./ephemeral-words.ts";
import { globalOptions, later, options, optionsOf } from "./options.ts";
import type { Change, ChangeOptions, Request, Wanted } from "./requests.ts";

export type WordsFault = "help" | "usage";

type Values = ReadonlyMap<string, string>;

type Sorted = {
  readonly values: Values;
  /** Words after the subcommand that are no options. */
  readonly bare: readonly string[];
  readonly command: string;
};

const levels = new Set(["trace", "debug", "info", "warn", "error"]);

/** What `argv` asks for; every complaint is a fault `usage`, and `-h` is a fault `help`. */
export function readWords(argv: readonly string[]): Result<Wanted, WordsFault> {
  const sorted = sortWords(argv);
  if (!sorted.ok) return sorted;
  const { values } = sorted.value;
  const level = values.get("log-level");
  if (level !== undefined && !levels.has(level)) return usage(`No log level "${level}"`);
  const request = readRequest(sorted.value);
  if (!request.ok) return request;
  const loud = values.has("verbose") || level === "debug" || level === "trace";
  return ok({ socketPath: values.get("socket-path"), verbose: loud, request: request.value });
}

function sortWords(argv: readonly string[]): Result<Sorted, WordsFault> {
  const values = new Map<string, string>();
  const bare: string[] = [];
  let onlyBare = false;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    // Behind the first word of a command that is to be run everything is that command's.
    if (bare[0] === "exec" && bare.length > 2) onlyBare = true;
    const itsOwn = bare[0] === "ephemeral-storage" && isEphemeralOption(word);
    if (onlyBare || !word.startsWith("-") || word === "-" || itsOwn) {
      bare.push(word);
      continue;
    }
    if (word === "--") {
      onlyBare = true;
      continue;
    }
    if (word === "-h" || word === "--help") return fail(new Fault("help", "Help was asked for"));
    const taken = takeOption(word, argv[at + 1], values);
    if (!taken.ok) return taken;
    at += taken.value;
  }
  const [command = "raw", ...rest] = bare;
  if (later.includes(command)) return usage(`Subcommand "${command}" is not in this version`);
  if (optionsOf[command] === undefined) return usage(`No subcommand "${command}"${meant(command, optionsOf)}`);
  const allowed = [...globalOptions, ...optionsOf[command]];
  const stray = [...values.keys()].find((name) => !allowed.includes(name));
  if (stray !== undefined) return usage(`Option "--${stray}" is not one of "${command}"`);
  return ok({ values, bare: rest, command });
}

/** Puts one option into `values`; the number of further words that it took. */
function takeOption(word: string, next: string | undefined, values: Map<string, string>): Result<number, WordsFault> {
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  const written = equals === -1 ? word : word.slice(0, equals);
  const option = Object.hasOwn(options, written) ? options[written] : undefined;
  if (option === undefined) return usage(`No option "${written}"${meant(written, options)}`);
  if (option.kind === "flag") {
    if (equals !== -1) return usage(`Option "${written}" takes no value`);
    values.set(option.name, "");
    return ok(0);
  }
  const value = equals === -1 ? next : word.slice(equals + 1);
  if (value === undefined) return usage(`Option "${written}" needs a value`);
  if (values.has(option.name)) return usage(`Option "${written}" is given twice`);
  values.set(option.name, value);
  return ok(equals === -1 ? 1 : 0);
}

const readers: Readonly<Record<string, (sorted: Sorted) => Result<Request, WordsFault>>> = {
  raw: readRaw,
  get: ({ bare }) => readGet(bare),
  set: readSet,
  apply: ({ bare, values }) => change({ kind: "apply", sources: bare.length === 0 ? ["-"] : bare }, values),
  unset: ({ bare, values }) =>
    bare.length === 0 ? usage('"unset" needs KEY…') : change({ kind: "unset", keys: bare }, values),
  restore: readRestore,
  plan: ({ bare, values }) => nothingMore("plan", bare) ?? ok({ kind: "plan", tx: values.get("tx") ?? "default" }),
  history: ({ bare }) => nothingMore("history", bare) ?? ok({ kind: "history" }),
  diff: readDiff,
  confirm: ({ bare }) => oneNumber("confirm", bare, (generation) => ({ kind: "confirm", generation })),
  explain: ({ bare }) => (bare.length === 0 ? usage('"explain" needs KEY…') : ok({ kind: "explain", keys: bare })),
  outcome: ({ bare }) => oneNumber("outcome", bare, (number) => ({ kind: "outcome", number })),
  "host-containers": ({ bare }) => nothingMore("host-containers", bare) ?? ok({ kind: "host-containers" }),
  watch: ({ bare }) => nothingMore("watch", bare) ?? ok({ kind: "watch" }),
  exec: readExec,
  "ephemeral-storage": ({ bare }) => {
    const read = readEphemeral(bare);
    return read.ok ? ok({ kind: "ephemeral", request: read.value }) : read;
  },
  reboot: ({ bare }) => nothingMore("reboot", bare) ?? ok({ kind: "reboot" }),
};

function readRequest(sorted: Sorted): Result<Request, WordsFault> {
  return readers[sorted.command]?.(sorted) ?? usage(`No subcommand "${sorted.command}"`);
}

const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function readRaw({ values, bare }: Sorted): Result<Request, WordsFault> {
  if (bare.length > 0) return usage(`"raw" takes options only, got "${bare[0]}"`);
  const uri = values.get("uri");
  if (uri === undefined || uri === "") return usage('Option "--uri" is missing');
  const method = (values.get("method") ?? "GET").toUpperCase();
  // What carries requests sends a GET in place of a method that it does not know.
  if (!METHODS.includes(method)) return usage(`No method "${method}"; there are: ${METHODS.join(", ")}`);
  return ok({ kind: "raw", uri: uri.startsWith("/") ? uri : `/${uri}`, method, data: values.get("data") });
}

function readGet(bare: readonly string[]): Result<Request, WordsFault> {
  const [first] = bare;
  if (first?.startsWith("/") === true && bare.length === 1) return ok({ kind: "get-uri", uri: first });
  const mixed = bare.find((word) => word.startsWith("/") || word === "");
  if (mixed !== undefined) return usage(`"get" takes prefixes or one URI, got "${mixed}" with others`);
  return ok({ kind: "get", prefixes: bare.length === 0 ? ["os.", "settings."] : bare });
}

function readSet({ values, bare }: Sorted): Result<Request, WordsFault> {
  const json = values.get("json");
  if (json !== undefined) {
    if (bare.length > 0) return usage('"set" takes KEY=VALUE or --json, not both');
    return change({ kind: "set-json", json }, values);
  }
  if (bare.length === 0) return usage('"set" needs KEY=VALUE or --json');
  const wrong = bare.find((word) => !word.includes("=") || word.startsWith("="));
  if (wrong !== undefined) return usage(`"set" needs KEY=VALUE, got "${wrong}"`);
  return change({ kind: "set-pairs", pairs: bare }, values);
}

function readRestore({ values, bare }: Sorted): Result<Request, WordsFault> {
  const generation = numberOf(bare[0]);
  if (bare.length !== 1 || generation === undefined) return usage('"restore" needs the number of a generation');
  return change({ kind: "restore", generation }, values);
}

function readExec({ values, bare }: Sorted): Result<Request, WordsFault> {
  const [target, ...command] = bare;
  if (target === undefined || target === "") return usage('"exec" needs TARGET COMMAND [ARG…]');
  if (command.length === 0) return usage(`"exec" needs a command to run in "${target}"`);
  const [yes, no] = [values.has("tty"), values.has("no-tty")];
  if (yes && no) return usage('"--tty" and "--no-tty" do not go together');
  return ok({ kind: "exec", exec: { target, command, tty: yes ? true : no ? false : undefined } });
}

function readDiff({ bare }: Sorted): Result<Request, WordsFault> {
  const numbers = bare.map(numberOf);
  const [from, to] = numbers;
  if (from === undefined || numbers.length > 2 || numbers.includes(undefined)) {
    return usage('"diff" needs the number of a generation, or of two');
  }
  return ok({ kind: "diff", from, to });
}

function change(what: Change, values: Values): Result<Request, WordsFault> {
  const text = values.get("confirm");
  const confirm = text === undefined ? undefined : secondsOf(text);
  if (text !== undefined && confirm === undefined) return usage(`No time "${text}": wanted 90, 90s, 5m or 1h`);
  if (values.has("plan") && confirm !== undefined) return usage('"--plan" and "--confirm" do not go together');
  const made: ChangeOptions = {
    planOnly: values.has("plan"),
    confirm,
    message: values.get("message"),
    expect: values.get("expect"),
    wait: !values.has("no-wait"),
  };
  return ok({ kind: "change", change: what, options: made });
}

function oneNumber(
  command: string,
  bare: readonly string[],
  make: (number: number | undefined) => Request,
): Result<Request, WordsFault> {
  const number = numberOf(bare[0]);
  if (bare.length > 1 || (bare.length === 1 && number === undefined)) return usage(`"${command}" takes one number`);
  return ok(make(number));
}

function nothingMore(command: string, bare: readonly string[]): Result<never, WordsFault> | undefined {
  return bare.length === 0 ? undefined : usage(`"${command}" takes no argument, got "${bare[0]}"`);
}

function numberOf(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
}

function secondsOf(text: string): number | undefined {
  const [, digits, unit = "s"] = /^(\d{1,9})([smh])?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1);
}

function meant(word: string, known: object): string {
  const name = nearest(word, Object.keys(known));
  return name === undefined ? "" : `; did you mean "${name}"?`;
}

function usage(message: string): Result<never, WordsFault> {
  return fail(new Fault("usage", message));
}
