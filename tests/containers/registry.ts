/**
 * A registry for tests (OCI distribution specification 1.1, what pulling needs), on this machine's loopback, which a guest
 * reaches as 10.0.2.2. It can be told to misbehave.
 */
import * as z from "zod";
import type { Blob, TestImage } from "./image.ts";

/** What goes wrong with a request; undefined for nothing. `blob` is the digest where one is asked for. */
export type Fault = (request: { readonly path: string; readonly blob: string | undefined; readonly count: number }) =>
  | { readonly status: number; readonly headers?: Record<string, string> }
  /** Only so many bytes come, and then the connection ends. */
  | { readonly cutAfter: number }
  /** Other bytes of the same length. */
  | { readonly wrong: true }
  /** So many bytes a second. */
  | { readonly slow: number }
  | undefined;

export type Credentials = { readonly username: string; readonly password: string };

export class TestRegistry implements AsyncDisposable {
  readonly #images = new Map<string, TestImage>();
  readonly #server: Bun.Server<undefined>;
  readonly #credentials: Credentials | undefined;
  #count = 0;
  fault: Fault = () => undefined;
  /** Paths that were asked for. */
  readonly asked: string[] = [];

  private constructor(options: {
    readonly credentials?: Credentials;
    readonly tls?: Bun.TLSOptions;
    readonly port?: number;
  }) {
    this.#credentials = options.credentials;
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: options.port ?? 0,
      idleTimeout: 0,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      fetch: (request) => this.#answer(request),
    });
  }

  static start(
    options: { readonly credentials?: Credentials; readonly tls?: Bun.TLSOptions; readonly port?: number } = {},
  ): TestRegistry {
    return new TestRegistry(options);
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  /** Its name as a guest has it. */
  get host(): string {
    return `10.0.2.2:${this.port}`;
  }

  /** Its address as a guest has it. */
  get url(): string {
    return `http://${this.host}`;
  }

  /** Offers an image as `NAME:TAG`. */
  put(name: string, image: TestImage): void {
    this.#images.set(name, image);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.asked.push(pathname);
    const [, , kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(pathname) ?? [];
    const fault = this.fault({ path: pathname, blob: kind === "blobs" ? reference : undefined, count: this.#count++ });
    if (fault !== undefined && "status" in fault) {
      return new Response("", { status: fault.status, headers: fault.headers ?? {} });
    }
    if (!this.#isAllowed(request)) {
      return new Response("", { status: 401, headers: { "WWW-Authenticate": 'Basic realm="test"' } });
    }
    const found = this.#find(pathname);
    if (found === undefined) return new Response("", { status: 404 });
    return respond(request, found, fault);
  }

  #isAllowed(request: Request): boolean {
    if (this.#credentials === undefined) return true;
    const { username, password } = this.#credentials;
    return (
      request.headers.get("authorization") === `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
    );
  }

  #find(pathname: string): (Blob & { readonly type: string }) | undefined {
    const [, repository = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(pathname) ?? [];
    const all = [...this.#images].filter(([name]) => name.startsWith(`${repository}:`)).map(([, image]) => image);
    if (kind === "manifests") {
      const image =
        this.#images.get(`${repository}:${reference}`) ?? all.find(({ manifest }) => manifest.digest === reference);
      if (image !== undefined) return { ...image.manifest, type: image.manifestType };
      const blob = all.flatMap(({ blobs }) => blobs).find(({ digest }) => digest === reference);
      return blob === undefined ? undefined : { ...blob, type: mediaTypeOf(blob) };
    }
    const blob = all.flatMap(({ blobs }) => blobs).find(({ digest }) => digest === reference);
    return blob === undefined ? undefined : { ...blob, type: "application/octet-stream" };
  }
}

function mediaTypeOf({ bytes }: Blob): string {
  return z.object({ mediaType: z.string() }).parse(JSON.parse(new TextDecoder().decode(bytes))).mediaType;
}

function respond(request: Request, found: Blob & { readonly type: string }, fault: ReturnType<Fault>): Response {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
  const whole = fault !== undefined && "wrong" in fault ? new Uint8Array(found.bytes.length) : found.bytes;
  const bytes = whole.subarray(from);
  const headers: Record<string, string> = { "Content-Type": found.type, "Docker-Content-Digest": found.digest };
  if (from > 0) headers["Content-Range"] = `bytes ${from}-${whole.length - 1}/${whole.length}`;
  const status = from > 0 ? 206 : 200;
  if (fault !== undefined && "cutAfter" in fault) {
    return new Response(bytes.subarray(0, fault.cutAfter), { status, headers });
  }
  if (fault !== undefined && "slow" in fault) return new Response(trickle(bytes, fault.slow), { status, headers });
  return new Response(bytes, { status, headers });
}

/** So many bytes a second, in ten pieces each. */
function trickle(bytes: Uint8Array, rate: number): ReadableStream<Uint8Array> {
  const step = Math.max(1, Math.floor(rate / 10));
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      if (at >= bytes.length) return controller.close();
      await Bun.sleep(100);
      controller.enqueue(bytes.slice(at, at + step));
      at += step;
      return undefined;
    },
  });
}
