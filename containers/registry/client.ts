/**
 * Asking one endpoint of a registry (OCI distribution specification 1.1): manifests and blobs, with basic or bearer
 * authentication. What comes back is not verified here; whoever takes it holds it to its digest.
 */
import { Fault, reason } from "../../base/result.ts";
import type { Endpoint } from "./endpoints.ts";
import { MAX_MANIFEST, MEDIA } from "./manifest.ts";

export type RegistryFault = "registry-unreachable" | "registry-refused" | "registry-busy" | "registry-missing";

export type RegistryOptions = {
  readonly endpoint: Endpoint;
  readonly repository: string;
  /** PEM of the certificates that are trusted; undefined: those of the runtime. */
  readonly ca?: string | undefined;
  readonly proxy?: string | undefined;
  readonly signal: AbortSignal;
};

const ACCEPT = [MEDIA.index, MEDIA.manifest, MEDIA.dockerIndex, MEDIA.dockerManifest].join(", ");
const MAX_REDIRECTS = 5;
/** How long an answer may take to begin, and how long a body may stand still. */
const QUIET_MS = 30_000;
const MAX_TOKEN = 64 * 1024;

export type FetchedManifest = { readonly bytes: Uint8Array; readonly mediaType: string };

export class Registry {
  readonly #options: RegistryOptions;
  #authorization: string | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** The manifest or index under a tag or digest. */
  async manifest(reference: string): Promise<FetchedManifest> {
    const response = await this.#get(`manifests/${reference}`, { Accept: ACCEPT });
    const bytes = await readAll(response, MAX_MANIFEST);
    const mediaType = response.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
    return { bytes, mediaType };
  }

  /** The bytes of a blob from `offset` on, as they come; `start` is where they really begin. */
  async blob(digest: string, offset: number): Promise<{ start: number; pieces: AsyncIterable<Uint8Array> }> {
    const headers: Record<string, string> = offset > 0 ? { Range: `bytes=${offset}-` } : {};
    const response = await this.#get(`blobs/${digest}`, headers);
    if (response.body === null) throw new Fault("registry-unreachable", `Cannot read blob ${digest}: no body`);
    return { start: response.status === 206 ? offset : 0, pieces: steady(response.body) };
  }

  async #get(path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const { endpoint, repository } = this.#options;
    const url = `${endpoint.url}/v2/${repository}/${path}`;
    const first = await this.#request(url, headers);
    if (first.status !== 401) return this.#checked(url, first);
    const challenge = first.headers.get("www-authenticate") ?? "";
    await first.body?.cancel();
    this.#authorization = await this.#authorize(challenge, url);
    return this.#checked(url, await this.#request(url, headers));
  }

  /** Follows redirects itself: the authorization belongs to the registry and goes to no other host. */
  async #request(start: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    let url = start;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const own = new URL(url).origin === new URL(start).origin;
      const authorization = own && this.#authorization !== undefined ? { Authorization: this.#authorization } : {};
      const response = await this.#fetch(url, { ...headers, ...authorization });
      const to = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || to === null) return response;
      await response.body?.cancel();
      const next = new URL(to, url);
      if (next.protocol !== "https:" && new URL(start).protocol === "https:") {
        throw new Fault("registry-refused", `Cannot follow "${start}": it leads from TLS to "${next.origin}"`);
      }
      url = next.href;
    }
    throw new Fault("registry-refused", `Cannot follow "${start}": more than ${MAX_REDIRECTS} redirects`);
  }

  async #fetch(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const { ca, proxy, signal } = this.#options;
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(new Error(`no answer within ${QUIET_MS / 1000} s`)), QUIET_MS);
    try {
      return await fetch(url, {
        headers: { ...headers, "User-Agent": "sparkler" },
        redirect: "manual",
        // The bytes of a blob are wanted as they are; its digest is of those.
        decompress: false,
        signal: AbortSignal.any([signal, slow.signal]),
        ...(ca === undefined ? {} : { tls: { ca } }),
        ...(proxy === undefined ? {} : { proxy }),
      });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new Fault("registry-unreachable", `Cannot reach "${new URL(url).origin}": ${reason(cause)}`, {}, cause);
    } finally {
      clearTimeout(timer);
    }
  }

  #checked(url: string, response: Response): Response {
    const { status } = response;
    if (status === 200 || status === 206) return response;
    void response.body?.cancel();
    const code: RegistryFault =
      status === 404 ? "registry-missing" : status === 429 || status >= 500 ? "registry-busy" : "registry-refused";
    throw new Fault(code, `Cannot get "${url}": the registry answers ${status}`, {
      status,
      retryAfter: response.headers.get("retry-after") ?? undefined,
    });
  }

  async #authorize(challenge: string, url: string): Promise<string> {
    const { credential, url: origin } = this.#options.endpoint;
    const basic = basicOf(credential);
    if (/^basic\b/i.test(challenge)) {
      if (basic !== undefined) return `Basic ${basic}`;
      throw new Fault(
        "registry-refused",
        `Cannot get "${url}": the registry wants credentials, and there are none for it`,
      );
    }
    const realm = parameter(challenge, "realm");
    if (!/^bearer\b/i.test(challenge) || realm === undefined || !URL.canParse(realm)) {
      throw new Fault(
        "registry-refused",
        `Cannot get "${url}": the registry wants an authentication that is not known here`,
      );
    }
    const { username, identitytoken } = credential ?? {};
    const address = new URL(realm);
    if (address.protocol !== "https:" && new URL(origin).protocol === "https:") {
      throw new Fault(
        "registry-refused",
        `Cannot get "${url}": credentials would go to "${address.origin}" without TLS`,
      );
    }
    const service = parameter(challenge, "service");
    if (service !== undefined) address.searchParams.set("service", service);
    address.searchParams.set("scope", parameter(challenge, "scope") ?? `repository:${this.#options.repository}:pull`);
    if (username !== undefined) address.searchParams.set("account", username);
    const headers: Record<string, string> =
      identitytoken !== undefined
        ? { Authorization: `Bearer ${identitytoken}` }
        : basic === undefined
          ? {}
          : { Authorization: `Basic ${basic}` };
    const response = this.#checked(address.origin + address.pathname, await this.#fetch(address.href, headers));
    return `Bearer ${tokenOf(await readAll(response, MAX_TOKEN), address.origin)}`;
  }
}

function basicOf(credential: Endpoint["credential"]): string | undefined {
  if (credential?.auth !== undefined) return credential.auth;
  if (credential?.username === undefined) return undefined;
  return Buffer.from(`${credential.username}:${credential.password ?? ""}`).toString("base64");
}

function parameter(challenge: string, name: string): string | undefined {
  return new RegExp(`[\\s,]${name}="([^"]*)"`, "i").exec(challenge)?.[1];
}

function tokenOf(bytes: Uint8Array, origin: string): string {
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof answer === "object" && answer !== null) {
      const token: unknown =
        "token" in answer ? answer.token : "access_token" in answer ? answer.access_token : undefined;
      if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
    }
  } catch {
    // falls through to the fault below
  }
  throw new Fault("registry-refused", `Cannot use the answer of "${origin}": there is no token in it`);
}

async function readAll(response: Response, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return new Uint8Array();
  for await (const piece of steady(response.body)) {
    size += piece.length;
    if (size > limit) throw new Fault("registry-refused", `Cannot take the answer: it is larger than ${limit} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The pieces of a body; one that stands still for too long is a fault. */
async function* steady(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => reject(new Fault("registry-unreachable", `Cannot read on: nothing came for ${QUIET_MS / 1000} s`)),
        QUIET_MS,
      );
      try {
        const { done, value } = await Promise.race([reader.read(), late]);
        if (done) return;
        yield value;
      } finally {
        clearTimeout(timer);
      }
    }
  } catch (cause) {
    throw cause instanceof Fault
      ? cause
      : new Fault("registry-unreachable", `Cannot read on: ${reason(cause)}`, {}, cause);
  } finally {
    await reader.cancel().catch(() => {}); // what is left of it is of no use
  }
}
