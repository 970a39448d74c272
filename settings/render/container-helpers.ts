/** The doors for what is made of settings for container runtimes: tables of TOML, and a runtime specification. */
import * as z from "zod";
import { containerBase } from "../types/container-base.ts";
import { CAPABILITY_NAMES, kernelName } from "../types/capability.ts";
import { containerSource } from "../types/container-source.ts";
import { identifier } from "../types/identifier.ts";
import { registryCredentials, registryMirrors, type RegistryCredential } from "../types/registry.ts";
import { limit, RESOURCE_LIMITS, type Limit } from "../types/resource-limit.ts";
import { validBase64 } from "../types/valid-base64.ts";
import { refuse } from "./refusal.ts";
import { tomlTables } from "./toml.ts";

const container = z.object({
  source: containerSource.nullable(),
  enabled: z.boolean().nullable(),
  superpowered: z.boolean().nullable(),
  "user-data": validBase64.nullable(),
});
const containers = z.record(identifier, container);
const capabilities = z.partialRecord(z.enum(CAPABILITY_NAMES), z.boolean().nullable());
const limits = z.record(z.string(), z.object({ "hard-limit": limit.nullable(), "soft-limit": limit.nullable() }));
const ociDefaults = z.object({ capabilities, "resource-limits": limits });

const DOCKER = "docker.io";
/** The name under which docker.io's registry answers; credentials are looked up by it (contracts §10.3). */
const DOCKER_HOST = "registry-1.docker.io";
const CRI = ["plugins", "io.containerd.grpc.v1.cri", "registry"];

export const containerHelpers: Readonly<Record<string, (value: unknown) => string>> = {
  "host-containers": (value) => {
    const read = containers.safeParse(plain(value));
    if (!read.success) return refuse(value, "host containers");
    return tomlTables(Object.entries(read.data).map(([name, each]) => [["host-containers", name], each]));
  },
  "registry-mirrors": (value) =>
    tomlTables(mirrors(value).map(({ registry, endpoint }) => [["mirrors", registry], { endpoints: endpoint }])),
  "registry-credentials": (value) =>
    tomlTables(credentials(value).map(({ registry, ...rest }) => [["creds", hostOf(registry)], rest])),
  /** As containerd's CRI plugin takes them: for each host the whole list of addresses to ask. */
  "cri-mirrors": (value) =>
    tomlTables(
      mirrors(value).map(({ registry, endpoint }) => [
        [...CRI, "mirrors", registry],
        { endpoint: endpoint.map((url) => (/^https?:\/\//.test(url) ? url : `https://${url}`)) },
      ]),
    ),
  "cri-credentials": (value) =>
    tomlTables(
      credentials(value).map(({ registry, ...rest }) => [[...CRI, "configs", hostOf(registry), "auth"], rest]),
    ),
  /** The runtime specification that containers of workloads begin with. */
  "container-base": (value) => {
    const read = ociDefaults.safeParse(plain(value));
    if (!read.success) return refuse(value, "defaults of containers");
    const allowed = CAPABILITY_NAMES.filter((name) => read.data.capabilities[name] === true).map(kernelName);
    const rlimits = Object.entries(RESOURCE_LIMITS).flatMap(([name, type]) => {
      const given = read.data["resource-limits"][name];
      const hard = given?.["hard-limit"] ?? given?.["soft-limit"];
      if (hard === undefined || hard === null) return [];
      return [{ type, hard: numberOf(hard), soft: numberOf(given?.["soft-limit"] ?? hard) }];
    });
    return JSON.stringify(containerBase(allowed, rlimits), undefined, 2);
  },
};

/** No limit is the largest number that the kernel has; JSON of this size is exact nowhere but in text. */
function numberOf(value: Limit): number {
  return value === "unlimited" || value === -1 ? Number.MAX_SAFE_INTEGER : value;
}

function mirrors(value: unknown): z.infer<typeof registryMirrors> {
  const read = registryMirrors.safeParse(value ?? []);
  return read.success ? read.data : refuse(value, "mirrors of registries");
}

function credentials(value: unknown): readonly RegistryCredential[] {
  const read = registryCredentials.safeParse(value ?? []);
  return read.success ? read.data : refuse(value, "credentials of registries");
}

function hostOf(registry: string): string {
  return registry === DOCKER ? DOCKER_HOST : registry;
}

/** A collection of the context has no prototype, which a schema of records does not take. */
function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}
