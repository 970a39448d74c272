/**
 * A registry that only reads (OCI distribution-spec 1.1, "Pull"): the images that were built here, for the machines that
 * run here. It listens on a Unix socket; who reaches that may read, and nothing can be written.
 */
import { rm } from "node:fs/promises";
import type { Log } from "../../base/log.ts";
import { reason } from "../../base/result.ts";
import { type Blob, Layouts } from "./layout.ts";
import { rangeOf } from "./range.ts";

export type RegistryOptions = {
  /** One OCI layout per folder in it. Need not be there yet. */
  readonly folder: string;
  readonly socket: string;
  readonly log: Log;
};

const headers = { "Docker-Distribution-Api-Version": "registry/2.0", "X-Content-Type-Options": "nosniff" };
/** Nobody has anything to send here. */
const MAX_BODY = 1024;

/** Serves until disposed. */
export async function serveRegistry({ folder, socket, log }: RegistryOptions): Promise<AsyncDisposable> {
  const layouts = new Layouts(folder);
  await rm(socket, { force: true });
  const mask = process.umask(0o177);
  try {
    const server = Bun.serve({
      unix: socket,
      maxRequestBodySize: MAX_BODY,
      async fetch(request) {
        const { pathname } = new URL(request.url);
        const response = await answer(layouts, request, pathname);
        log.debug("an image is asked for", { method: request.method, path: pathname, status: response.status });
        return response;
      },
      error(cause) {
        log.warn("a request for an image failed", { why: reason(cause) });
        return refusal(500, "UNKNOWN", "the server met an error of its own");
      },
    });
    return {
      async [Symbol.asyncDispose]() {
        await server.stop(true);
        await rm(socket, { force: true });
      },
    };
  } finally {
    process.umask(mask);
  }
}

async function answer(layouts: Layouts, request: Request, path: string): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refusal(405, "UNSUPPORTED", "images are only read here", { Allow: "GET, HEAD" });
  }
  if (path === "/v2" || path === "/v2/") return json({});
  if (path === "/v2/_catalog") return json({ repositories: await layouts.repositories() });
  const [, name = "", kind = "", reference = ""] = /^\/v2\/([^/]+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path) ?? [];
  if (name === "") return refusal(404, "NAME_UNKNOWN", "there is no such path");
  const tags = await layouts.tags(name);
  if (tags === undefined) return refusal(404, "NAME_UNKNOWN", "there is no such image");
  if (kind === "tags") {
    return reference === "list" ? json({ name, tags }) : refusal(404, "UNSUPPORTED", "there is no such path");
  }
  if (kind === "manifests") {
    const manifest = await layouts.manifest(name, decoded(reference));
    return manifest === undefined
      ? refusal(404, "MANIFEST_UNKNOWN", `the image has no such manifest; its tags are: ${tags.join(", ")}`)
      : fileAnswer(manifest, request);
  }
  const blob = await layouts.blob(name, decoded(reference));
  return blob === undefined ? refusal(404, "BLOB_UNKNOWN", "the image has no such blob") : fileAnswer(blob, request);
}

function fileAnswer({ path, size, mediaType, digest }: Blob, request: Request): Response {
  const range = rangeOf(request.headers.get("range") ?? undefined, size);
  const common = { ...headers, "Content-Type": mediaType, "Docker-Content-Digest": digest, "Accept-Ranges": "bytes" };
  if (range === "unsatisfiable") {
    return new Response(undefined, { status: 416, headers: { ...common, "Content-Range": `bytes */${size}` } });
  }
  const { from, to } = range ?? { from: 0, to: size };
  const length = { ...common, ETag: `"${digest}"`, "Content-Length": String(to - from) };
  const file = request.method === "HEAD" ? undefined : Bun.file(path).slice(from, to);
  if (range === undefined) return new Response(file, { headers: length });
  return new Response(file, {
    status: 206,
    headers: { ...length, "Content-Range": `bytes ${from}-${to - 1}/${size}` },
  });
}

/** As it was before a client wrote it as part of an address; as it is where it is no such writing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function json(value: unknown): Response {
  return Response.json(value, { headers });
}

function refusal(status: number, code: string, message: string, more: Record<string, string> = {}): Response {
  return Response.json({ errors: [{ code, message }] }, { status, headers: { ...headers, ...more } });
}
