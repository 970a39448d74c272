/** Where an image is asked for, in order: the mirrors of its host, then the host itself. Contracts §10.3. Pure. */
import type { Reference } from "../../settings/types/image-reference.ts";

export type Mirror = { readonly registry: string; readonly endpoint: readonly string[] };

export type Credential = {
  readonly registry: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Base64 of `username:password`. */
  readonly auth?: string | undefined;
  readonly identitytoken?: string | undefined;
};

export type RegistryConfig = { readonly mirrors: readonly Mirror[]; readonly credentials: readonly Credential[] };

export type Endpoint = {
  /** Without `/v2` and without a slash at its end. */
  readonly url: string;
  readonly credential: Credential | undefined;
  readonly isMirror: boolean;
};

/** The mirror that counts for every host without one of its own. */
const ANY_HOST = "*";
/** An account's own registry in its cloud, which has no mirrors. */
const ECR_HOST = /^\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/;
const DOCKER_HOST = "registry-1.docker.io";

export function endpointsOf({ host }: Reference, { mirrors, credentials }: RegistryConfig): readonly Endpoint[] {
  const mirror = ECR_HOST.test(host)
    ? undefined
    : (mirrors.find(({ registry }) => sameHost(registry, host)) ??
      mirrors.find(({ registry }) => registry === ANY_HOST));
  const urls = (mirror?.endpoint ?? []).map((text) => ({ url: withScheme(text), isMirror: true }));
  const upstream = { url: withScheme(host === "docker.io" ? DOCKER_HOST : host), isMirror: false };
  return [...urls, upstream].map((each) => ({ ...each, credential: credentialOf(each.url, credentials) }));
}

function credentialOf(url: string, credentials: readonly Credential[]): Credential | undefined {
  const { host } = new URL(url);
  return credentials.find(({ registry }) => sameHost(registry, host));
}

function sameHost(a: string, b: string): boolean {
  return usualName(a) === usualName(b);
}

/** docker.io has three names. */
function usualName(host: string): string {
  return host === DOCKER_HOST || host === "index.docker.io" ? "docker.io" : host;
}

/** A registry on this machine itself speaks plain HTTP unless its address says otherwise; all others speak TLS. */
function withScheme(text: string): string {
  const trimmed = text.replace(/\/+$/, "").replace(/\/v2$/, "");
  if (/^https?:\/\//.test(trimmed)) return trimmed;
  return `${/^(localhost|127\.0\.0\.1|\[::1\])(:|$|\/)/.test(trimmed) ? "http" : "https"}://${trimmed}`;
}
