/**
 * `apiclient`: the API on a command line, contracts sections 6.1 and 6.2 (raw, get, set, apply, reboot). It speaks to
 * one Unix socket, so the operator's command runs the same code against another socket. It decides nothing: settings
 * are judged by the server.
 */
import { Fault, fail, ok, orThrow, reason, type Result } from "../../base/result.ts";
import { DEFAULT_SOCKET } from "../program.ts";
import { type Api, type Answer, apiAt } from "./connection.ts";
import { isObject, mergeJson, readSettingsArgument, readSettingsDocument } from "./documents.ts";
import { readSources } from "./sources.ts";
import { type Request, readWords } from "./words.ts";

export type ApiclientPorts = {
  /** Used when no `--socket-path` is given. */
  readonly socketPath: string;
  readonly out?: (text: string) => void;
  readonly err?: (text: string) => void;
  readonly stdin?: () => Promise<string>;
};

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 used wrongly or asked for help. */
export async function runApiclient(argv: readonly string[], ports: ApiclientPorts): Promise<number> {
  const out = ports.out ?? ((text: string): void => void process.stdout.write(text));
  const err = ports.err ?? ((text: string): void => void process.stderr.write(text));
  const wanted = readWords(argv);
  if (!wanted.ok) {
    err(wanted.fault.code === "help" ? usageText : `${wanted.fault.message}\n\n${usageText}`);
    return 2;
  }
  const { request, verbose } = wanted.value;
  const api = apiAt(wanted.value.socketPath ?? ports.socketPath, {
    agent: "apiclient",
    onStatus(status, call) {
      if (verbose) err(`Status ${status} when ${call.method}ing ${call.uri}\n`);
    },
  });
  try {
    const text = await perform(request, api, ports.stdin ?? (() => Bun.stdin.text()));
    if (text !== "") out(`${text}\n`);
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    err(`${thrown.message}\n`);
    return 1;
  }
}

/** What is to be printed. Throws the fault of the first request that failed. */
async function perform(request: Request, api: Api, stdin: () => Promise<string>): Promise<string> {
  switch (request.kind) {
    case "raw":
      return orThrow(await api({ method: request.method, uri: request.uri, body: request.data })).body;
    case "get-uri":
      return pretty(orThrow(await api({ method: "GET", uri: request.uri })));
    case "get":
      return getPrefixes(request.prefixes, api);
    case "set-pairs": {
      const body = JSON.stringify({ request_payload: request.pairs });
      return change("set", [{ uri: "/settings/keypair", body }], api);
    }
    case "set-json": {
      const settings = orThrow(readSettingsArgument(request.json));
      return change("set", [{ uri: "/settings", body: JSON.stringify(settings) }], api);
    }
    case "apply": {
      const texts = orThrow(await readSources(request.sources, stdin));
      const bodies = texts.map(({ source, text }) => orThrow(readSettingsDocument(text, source)));
      const patches = bodies.map((settings) => ({ uri: "/settings", body: JSON.stringify(settings) }));
      return change("apply", patches, api);
    }
    case "reboot":
      orThrow(await api({ method: "POST", uri: "/actions/reboot" }));
  }
  return "";
}

async function getPrefixes(prefixes: readonly string[], api: Api): Promise<string> {
  let merged: unknown = {};
  for (const prefix of prefixes) {
    const answer = orThrow(await api({ method: "GET", uri: `/?prefix=${encodeURIComponent(prefix)}` }));
    merged = mergeJson(merged, orThrow(parseAnswer(answer)));
  }
  return JSON.stringify(merged, undefined, 2);
}

type Patch = { readonly uri: string; readonly body: string };

/** Stages all patches in a transaction of its own and commits it; one that is refused leaves nothing staged. */
async function change(word: string, patches: readonly Patch[], api: Api): Promise<string> {
  const tx = `apiclient-${word}-${randomWord()}`;
  try {
    for (const { uri, body } of patches) orThrow(await api({ method: "PATCH", uri: `${uri}?tx=${tx}`, body }));
    orThrow(await api({ method: "POST", uri: `/tx/commit_and_apply?tx=${tx}` }));
  } catch (thrown) {
    // The first failure is what is told; staged settings are never live, so this is only tidying up.
    if (thrown instanceof Fault && thrown.code === "status") await api({ method: "DELETE", uri: `/tx?tx=${tx}` });
    throw thrown;
  }
  return "";
}

function pretty(answer: Answer): string {
  const value = parseAnswer(answer);
  return value.ok ? JSON.stringify(value.value, undefined, 2) : answer.body;
}

function parseAnswer(answer: Answer): Result<unknown, "bad-answer"> {
  try {
    const value: unknown = JSON.parse(answer.body);
    return isObject(value) || Array.isArray(value)
      ? ok(value)
      : fail(new Fault("bad-answer", "The answer is no object"));
  } catch (cause) {
    return fail(new Fault("bad-answer", `Cannot read the answer: ${reason(cause)}`));
  }
}

function randomWord(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
}

const usageText = `Usage: apiclient [SUBCOMMAND] [OPTION…]

  raw       -u URI [-X METHOD] [-d DATA]   One request; the default when no subcommand is given
  get       [PREFIX… | /URI]               Show settings and system information as JSON
  set       KEY=VALUE… | -j JSON           Change settings and apply them
  apply     [URI… | -]                     Change settings from TOML or JSON documents: standard input, file://, http(s)://
  reboot                                   Restart the machine

Options, before or after the subcommand:
  -s, --socket-path PATH   Socket of the API (default ${DEFAULT_SOCKET})
      --log-level LEVEL    trace, debug, info, warn, or error
  -v, --verbose            Same as --log-level debug: statuses are shown
  -h, --help               Show this text
  -u, --uri URI            of raw: the path, with its query
  -m, -X, --method METHOD  of raw: default GET
  -d, --data DATA          of raw: the request's body
  -j, --json JSON          of set: settings as JSON
`;
