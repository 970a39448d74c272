/**
 * Reading `apiclient`'s command line. Global options count wherever they stand, and the first bare word is the
 * subcommand, as contracts sections 6.1 and 6.2 have it; so the words are sorted here by hand and not by a parser that
 * wants options first.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type Request =
  | { readonly kind: "raw"; readonly uri: string; readonly method: string; readonly data: string | undefined }
  | { readonly kind: "get-uri"; readonly uri: string }
  | { readonly kind: "get"; readonly prefixes: readonly string[] }
  | { readonly kind: "set-pairs"; readonly pairs: readonly string[] }
  | { readonly kind: "set-json"; readonly json: string }
  | { readonly kind: "apply"; readonly sources: readonly string[] }
  | { readonly kind: "reboot" };

export type Wanted = { readonly socketPath: string | undefined; readonly verbose: boolean; readonly request: Request };

export type WordsFault = "help" | "usage";

/** Subcommands of the contract that this version does not have. */
const later = new Set(["update", "exec", "report", "ephemeral-storage"]);
const levels = new Set(["trace", "debug", "info", "warn", "error"]);

const globalOptions: Readonly<Record<string, string>> = {
  "-s": "socket-path",
  "--socket-path": "socket-path",
  "--log-level": "log-level",
};
const optionsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  raw: {
    "-u": "uri",
    "--uri": "uri",
    "-m": "method",
    "-X": "method",
    "--method": "method",
    "-d": "data",
    "--data": "data",
  },
  get: {},
  set: { "-j": "json", "--json": "json" },
  apply: {},
  reboot: {},
};

type Sorted = {
  readonly values: ReadonlyMap<string, string>;
  readonly bare: readonly string[];
  readonly verbose: boolean;
  readonly command: string;
};

/** What `argv` asks for; every complaint is a fault `usage`, and `-h` is a fault `help`. */
export function readWords(argv: readonly string[]): Result<Wanted, WordsFault> {
  const sorted = sortWords(argv);
  if (!sorted.ok) return sorted;
  const { values, verbose } = sorted.value;
  const level = values.get("log-level");
  if (level !== undefined && !levels.has(level)) return usage(`No log level "${level}"`);
  const request = readRequest(sorted.value);
  if (!request.ok) return request;
  const loud = verbose || level === "debug" || level === "trace";
  return ok({ socketPath: values.get("socket-path"), verbose: loud, request: request.value });
}

function sortWords(argv: readonly string[]): Result<Sorted, WordsFault> {
  const values = new Map<string, string>();
  const bare: string[] = [];
  let command: string | undefined;
  let verbose = false;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "-h" || word === "--help") return fail(new Fault("help", "Help was asked for"));
    if (word === "-v" || word === "--verbose") {
      verbose = true;
    } else if (word.startsWith("-") && word !== "-") {
      // Before the subcommand is known, an option may be any subcommand's; a wrong one is found out below.
      const name =
        globalOptions[word] ??
        optionsOf[command ?? "raw"]?.[word] ??
        (command === undefined ? laterOption(word) : undefined);
      if (name === undefined) return usage(`No option "${word}"${command === undefined ? "" : ` of "${command}"`}`);
      const value = argv[++at];
      if (value === undefined) return usage(`Option "${word}" needs a value`);
      if (values.has(name)) return usage(`Option "${word}" is given twice`);
      values.set(name, value);
    } else if (command === undefined) {
      if (later.has(word)) return usage(`Subcommand "${word}" is not in this version`);
      if (optionsOf[word] === undefined) return usage(`No subcommand "${word}"`);
      command = word;
    } else {
      bare.push(word);
    }
  }
  return ok({ values, bare, verbose, command: command ?? "raw" });
}

function laterOption(word: string): string | undefined {
  return Object.values(optionsOf).find((options) => options[word] !== undefined)?.[word];
}

function readRequest(sorted: Sorted): Result<Request, WordsFault> {
  const { command, values, bare } = sorted;
  const allowed = new Set([...Object.values(globalOptions), ...Object.values(optionsOf[command] ?? {})]);
  const stray = [...values.keys()].find((name) => !allowed.has(name));
  if (stray !== undefined) return usage(`Option "--${stray}" is not one of "${command}"`);
  if (command === "raw") return readRaw(values, bare);
  if (command === "get") return readGet(bare);
  if (command === "set") return readSet(values.get("json"), bare);
  if (command === "apply") return ok({ kind: "apply", sources: bare.length === 0 ? ["-"] : bare });
  if (bare.length > 0) return usage(`"${command}" takes no argument, got "${bare[0]}"`);
  return ok({ kind: "reboot" });
}

function readRaw(values: ReadonlyMap<string, string>, bare: readonly string[]): Result<Request, WordsFault> {
  if (bare.length > 0) return usage(`"raw" takes options only, got "${bare[0]}"`);
  const uri = values.get("uri");
  if (uri === undefined || uri === "") return usage('Option "--uri" is missing');
  const method = (values.get("method") ?? "GET").toUpperCase();
  if (!/^[A-Z]+$/.test(method)) return usage(`No method "${method}"`);
  return ok({ kind: "raw", uri: rooted(uri), method, data: values.get("data") });
}

function readGet(bare: readonly string[]): Result<Request, WordsFault> {
  const [first] = bare;
  if (first?.startsWith("/") === true && bare.length === 1) return ok({ kind: "get-uri", uri: first });
  const mixed = bare.find((word) => word.startsWith("/") || word === "");
  if (mixed !== undefined) return usage(`"get" takes prefixes or one URI, got "${mixed}" with others`);
  return ok({ kind: "get", prefixes: bare.length === 0 ? ["os.", "settings."] : bare });
}

function readSet(json: string | undefined, bare: readonly string[]): Result<Request, WordsFault> {
  if (json !== undefined) {
    return bare.length === 0 ? ok({ kind: "set-json", json }) : usage('"set" takes KEY=VALUE or --json, not both');
  }
  if (bare.length === 0) return usage('"set" needs KEY=VALUE or --json');
  const wrong = bare.find((word) => !word.includes("=") || word.startsWith("="));
  if (wrong !== undefined) return usage(`"set" needs KEY=VALUE, got "${wrong}"`);
  return ok({ kind: "set-pairs", pairs: bare });
}

function rooted(uri: string): string {
  return uri.startsWith("/") ? uri : `/${uri}`;
}

function usage(message: string): Result<never, WordsFault> {
  return fail(new Fault("usage", message));
}
