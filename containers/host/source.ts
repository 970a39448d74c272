/** What a container is made from: an image of this very system, or one of a registry, pulled when it must be. */
import type { Log } from "../../base/log.ts";
import { Fault, orThrow } from "../../base/result.ts";
import type { Containerd } from "../containerd/connection.ts";
import { openImage } from "../pull/image.ts";
import { pullImage, type PullOptions } from "../pull/pull.ts";
import { withRetries } from "../pull/retry.ts";
import type { RegistryConfig } from "../registry/endpoints.ts";
import type { ImageConfig, Platform } from "../registry/manifest.ts";
import { parseReference } from "../../settings/types/image-reference.ts";
import { BUILT_IN_HOST, type BuiltIn, openBuiltIn } from "./built-in.ts";

export type Opened =
  | { readonly kind: "built-in"; readonly config: ImageConfig; readonly image: BuiltIn }
  | { readonly kind: "pulled"; readonly config: ImageConfig; readonly chain: string };

export type SourceOptions = {
  readonly containerd: Containerd;
  readonly source: string;
  readonly registries: RegistryConfig;
  /** Use a copy that is here already, without asking the registry. */
  readonly useCached: boolean;
  /** As in `PullOptions`. */
  readonly keepLayers?: boolean;
  readonly ca?: string | undefined;
  readonly proxyOf?: PullOptions["proxyOf"];
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Hears that pulling begins, and what of it failed. */
  readonly onPulling: (why?: string) => Promise<void>;
};

const MACHINES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export function platform(): Platform {
  return { os: "linux", architecture: MACHINES[process.arch] ?? process.arch };
}

/** Opens the source. When the registry does not give it, a copy from an earlier time is used, and said so. */
export async function openSource(options: SourceOptions): Promise<Opened> {
  const reference = orThrow(parseReference(options.source));
  if (reference.host === BUILT_IN_HOST) {
    const image = orThrow(await openBuiltIn(reference.repository));
    return { kind: "built-in", config: image.config, image };
  }
  const cached = options.useCached ? await openCached(options) : undefined;
  if (cached !== undefined) return cached;
  const { containerd, registries, ca, proxyOf, log, signal, keepLayers } = options;
  await options.onPulling();
  const pull = {
    containerd,
    reference,
    config: registries,
    platform: platform(),
    log,
    signal,
    keepLayers,
    ca,
    proxyOf,
  };
  const old = await withRetries(() => pullOrFindOld(pull, options), {
    signal,
    onFailure(attempt, why, waitMs) {
      log.warn("Cannot pull the image; trying again", { attempt, why, seconds: Math.round(waitMs / 1000) });
      void options.onPulling(why);
    },
  });
  const opened = old ?? (await openCached(options));
  if (opened !== undefined) return opened;
  throw new Fault("no-image", `Cannot use "${options.source}": it was pulled and is gone`);
}

/** Pulls; where that fails, the copy from an earlier time, since a machine must come up without its registry. */
async function pullOrFindOld(pull: PullOptions, options: SourceOptions): Promise<Opened | undefined> {
  try {
    await pullImage(pull);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || options.signal.aborted) throw thrown;
    const old = await openCached(options).catch(() => undefined);
    if (old === undefined) throw thrown;
    options.log.warn("The registry does not give the image; using the copy from before", { why: thrown.message });
    return old;
  }
}

/** The copy that containerd has under this very name. */
async function openCached({ containerd, source, signal }: SourceOptions): Promise<Opened | undefined> {
  const found = await openImage(source, platform(), { containerd, signal });
  return found === undefined ? undefined : { kind: "pulled", ...found };
}
