/** `host-ctr`: runs, pulls for and cleans up after one host or bootstrap container. Contracts §10.3. */
import { readFile } from "node:fs/promises";
import { type Command, type Invocation, stringOption, type Values } from "../../base/command.ts";
import type { Log } from "../../base/log.ts";
import { Fault, orThrow, reason } from "../../base/result.ts";
import { CONTAINERS_FILE, parseContainers, readIfThere } from "../bootstrap/configuration.ts";
import { Containerd } from "../containerd/connection.ts";
import { HOST_CONTAINERS_FILE, readWanted } from "../manager/wanted.ts";
import { readRegistryConfig } from "../registry/config.ts";
import type { RegistryConfig } from "../registry/endpoints.ts";
import { proxyFrom } from "./machine.ts";
import { type Keep, prune } from "./prune.ts";
import { imageRegistries } from "./registries.ts";
import { cleanUp, runContainer } from "./runner.ts";
import { openSource, type SourceOptions } from "./source.ts";
import type { ContainerKind } from "./specification.ts";
import { BOOTSTRAP_PREFIX } from "./status.ts";

const DEFAULTS = { socket: "/run/host-containerd/containerd.sock", namespace: "default" };
const CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
/** Owner of what is done for no container, from a command line. */
const BY_HAND = "host-ctr";
/** Once a container has settled: nothing waits for it, and a machine that has just started has other things to do. */
const PRUNE_AFTER_MS = 60_000;

type Verb = { readonly summary: string; readonly run: (invocation: Invocation) => Promise<number> };

const verbs: Readonly<Record<string, Verb>> = {
  run: { summary: "Run a container to its end (--container-id, --source)", run: runVerb },
  "pull-image": { summary: "Fetch an image (--source)", run: pullVerb },
  "clean-up": { summary: "Take a container away that is there still (--container-id)", run: cleanUpVerb },
};

export const command: Command = {
  name: "host-ctr",
  summary: "Run, pull for or clean up after one host container.",
  operands: "VERB",
  minArgs: 1,
  maxArgs: 1,
  options: {
    "container-id": { type: "string", value: "ID", summary: "Name of the container" },
    source: { type: "string", value: "IMAGE", summary: "Name of its image" },
    superpowered: { type: "string", value: "BOOL", summary: "Whether it may do everything (default false)" },
    "container-type": { type: "string", value: "KIND", summary: "host or bootstrap (default host)" },
    "registry-config": { type: "string", value: "FILE", summary: "Mirrors and credentials of registries" },
    "use-cached-image": { type: "boolean", summary: "Start from a copy that is there, without asking the registry" },
    "skip-if-image-exists": { type: "boolean", summary: "Fetch nothing where the image is there" },
    "containerd-socket": { type: "string", short: "s", value: "PATH", summary: `Default ${DEFAULTS.socket}` },
    namespace: { type: "string", short: "n", value: "NAME", summary: `Default ${DEFAULTS.namespace}` },
    "log-level": { type: "string", value: "LEVEL", summary: "debug, info, warn or error (default info)" },
  },
  help: `Verbs:\n${Object.entries(verbs)
    .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
    .join("\n")}`,
  run: async (invocation) => {
    const [name = ""] = invocation.args;
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined) {
      throw new Fault("usage", `Cannot do "${name}": wanted one of ${Object.keys(verbs).join(", ")}`);
    }
    return verb.run(invocation);
  },
};

async function runVerb({ options, log }: Invocation): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  const kind = kindOf(options);
  const superpowered = booleanOf(options, "superpowered");
  if (kind === "bootstrap" && superpowered) {
    throw new Fault("usage", "Cannot run a bootstrap container with superpowers: it may do what it needs already");
  }
  using containerd = connect(options);
  const timer = setTimeout(() => void pruneUnwanted(containerd, log), PRUNE_AFTER_MS);
  timer.unref();
  return await runContainer({
    ...(await sourceOptions(options, containerd)),
    name: nameOf(required(options, "container-id"), kind),
    kind,
    superpowered,
    log,
    stop: stop.signal,
  });
}

/** Never fails: what is left now goes another time. */
async function pruneUnwanted(containerd: Containerd, log: Log): Promise<void> {
  try {
    await prune(containerd, await wantedBySettings(), log);
  } catch (thrown) {
    log.warn("Cannot take away what nobody wants", { why: reason(thrown) });
  }
}

/** Those that are off at the moment as well: their images are kept. */
async function wantedBySettings(): Promise<Keep> {
  const { wanted } = orThrow(await readWanted(HOST_CONTAINERS_FILE));
  const bootstrap = orThrow(parseContainers(await readIfThere(CONTAINERS_FILE)));
  return {
    ids: new Set([
      BY_HAND,
      ...wanted.map(({ name }) => name),
      ...bootstrap.map(({ name }) => `${BOOTSTRAP_PREFIX}${name}`),
    ]),
    sources: new Set([...wanted, ...bootstrap].flatMap(({ source }) => source ?? [])),
  };
}

async function pullVerb({ options, log }: Invocation): Promise<number> {
  using containerd = connect(options);
  await openSource({
    ...(await sourceOptions(options, containerd)),
    useCached: options["skip-if-image-exists"] === true,
    keepLayers: true,
    log,
    signal: new AbortController().signal,
    onPulling: () => Promise.resolve(),
  });
  return 0;
}

async function cleanUpVerb({ options }: Invocation): Promise<number> {
  using containerd = connect(options);
  await cleanUp(containerd, required(options, "container-id"));
  return 0;
}

function connect(options: Values): Containerd {
  return new Containerd({
    socket: stringOption(options, "containerd-socket") ?? DEFAULTS.socket,
    namespace: stringOption(options, "namespace") ?? DEFAULTS.namespace,
    owner: stringOption(options, "container-id") ?? BY_HAND,
  });
}

async function sourceOptions(
  options: Values,
  containerd: Containerd,
): Promise<Omit<SourceOptions, "log" | "signal" | "onPulling">> {
  return {
    containerd,
    source: required(options, "source"),
    registries: await registriesOf(options),
    useCached: options["use-cached-image"] === true,
    ca: await readFile(CA_BUNDLE, "utf8").catch(() => undefined),
    proxyOf: proxyFrom(process.env),
  };
}

/** What settings say of registries, and after it what the image does. */
async function registriesOf(options: Values): Promise<RegistryConfig> {
  const path = stringOption(options, "registry-config");
  const own = await imageRegistries();
  const set = path === undefined ? undefined : orThrow(await readRegistryConfig(path));
  return { mirrors: [...(set?.mirrors ?? []), ...own.mirrors], credentials: set?.credentials ?? [] };
}

function required(options: Values, name: string): string {
  const value = stringOption(options, name);
  if (value === undefined || value === "") throw new Fault("usage", `Cannot go on without "--${name}"`);
  return value;
}

function kindOf(options: Values): ContainerKind {
  const kind = stringOption(options, "container-type") ?? "host";
  if (kind === "host" || kind === "bootstrap") return kind;
  throw new Fault("usage", `Cannot run a container of type "${kind}": wanted host or bootstrap`);
}

/** The name in settings: ids of bootstrap containers have a prefix. */
function nameOf(id: string, kind: ContainerKind): string {
  const name = kind === "bootstrap" && id.startsWith(BOOTSTRAP_PREFIX) ? id.slice(BOOTSTRAP_PREFIX.length) : id;
  if (/^[A-Za-z0-9-]{1,76}$/.test(name)) return name;
  throw new Fault("usage", `Cannot use "${id}" as the name of a container: wanted 1 to 76 of A-Z, a-z, 0-9 and -`);
}

function booleanOf(options: Values, name: string): boolean {
  const value = stringOption(options, name) ?? "false";
  if (value === "true" || value === "false") return value === "true";
  throw new Fault("usage", `Cannot take "${value}" for "--${name}": wanted true or false`);
}
