/** The client against a registry on this machine that behaves in every way that a test asks for. */
import { afterEach, expect, test } from "bun:test";
import { Fault } from "../../base/result.ts";
import { Registry } from "./client.ts";
import type { Credential } from "./endpoints.ts";
import { MEDIA } from "./manifest.ts";

const servers: Bun.Server<undefined>[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(true)));
});

function serve(fetch: (request: Request, url: URL) => Response): string {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => fetch(request, new URL(request.url)),
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

function registry(url: string, credential?: Credential): Registry {
  return new Registry({
    endpoint: { url, credential, isMirror: false },
    repository: "a/b",
    signal: new AbortController().signal,
  });
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const thrown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return thrown instanceof Fault ? thrown.code : thrown;
}

test("manifest() asks for every kind that is known and gives bytes and type", async () => {
  const seen: (string | null)[] = [];
  const url = serve((request, { pathname }) => {
    seen.push(pathname, request.headers.get("accept"));
    return new Response("{}", { headers: { "Content-Type": `${MEDIA.index}; charset=utf-8` } });
  });
  const found = await registry(url).manifest("latest");
  expect([Buffer.from(found.bytes).toString(), found.mediaType]).toEqual(["{}", MEDIA.index]);
  expect(seen[0]).toBe("/v2/a/b/manifests/latest");
  expect(Object.values(MEDIA).filter((type) => type !== MEDIA.config && seen[1]?.includes(type) !== true)).toEqual([]);
});

test("a bearer challenge is answered with a token of the realm, credentials go there and nowhere else", async () => {
  const seen: Record<string, string | null> = {};
  const storage = serve((request) => {
    seen["storage"] = request.headers.get("authorization");
    return new Response("layer");
  });
  const realm = serve((request, { search }) => {
    seen["realm"] = request.headers.get("authorization");
    seen["scope"] = search;
    return Response.json({ token: "t0" });
  });
  const url = serve((request) => {
    if (request.headers.get("authorization") === "Bearer t0") return Response.redirect(`${storage}/blob`, 307);
    const challenge = `Bearer realm="${realm}/token",service="s",scope="repository:a/b:pull"`;
    return new Response("", { status: 401, headers: { "WWW-Authenticate": challenge } });
  });
  const { start, pieces } = await registry(url, { registry: "x", username: "u", password: "p" }).blob("sha256:x", 0);
  const bytes: Uint8Array[] = [];
  for await (const piece of pieces) bytes.push(piece);
  expect([start, Buffer.concat(bytes).toString()]).toEqual([0, "layer"]);
  expect(seen["realm"]).toBe(`Basic ${Buffer.from("u:p").toString("base64")}`);
  expect(seen["scope"]).toContain("scope=repository%3Aa%2Fb%3Apull");
  expect(seen["storage"]).toBeNull();
});

test("a blob is taken up where it ended, when the registry can", async () => {
  const url = serve((request) => {
    const from = /bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1];
    return from === undefined
      ? new Response("0123456789")
      : new Response("0123456789".slice(Number(from)), { status: 206 });
  });
  expect((await registry(url).blob("sha256:x", 4)).start).toBe(4);
  expect((await registry(serve(() => new Response("0123456789"))).blob("sha256:x", 4)).start).toBe(0);
});

test.each([
  [404, "registry-missing"],
  [403, "registry-refused"],
  [429, "registry-busy"],
  [503, "registry-busy"],
])("status %d is a fault %s", async (status, code) => {
  const url = serve(() => new Response("", { status }));
  expect(await codeOf(registry(url).manifest("latest"))).toBe(code);
});

test.each([
  ["basic without credentials", "Basic realm=x"],
  ["an unknown scheme", "Negotiate"],
  ["no challenge at all", ""],
  ["a realm that is no address", 'Bearer realm="x"'],
])("%s is a refusal", async (_, challenge) => {
  const url = serve(() => new Response("", { status: 401, headers: { "WWW-Authenticate": challenge } }));
  expect(await codeOf(registry(url).manifest("latest"))).toBe("registry-refused");
});

test("redirects without end, answers without measure and a registry that is not there are faults", async () => {
  const round = serve((_request, { pathname }) => Response.redirect(pathname, 307));
  expect(await codeOf(registry(round).manifest("latest"))).toBe("registry-refused");
  const huge = serve(() => new Response(new Uint8Array(5 * 1024 * 1024)));
  expect(await codeOf(registry(huge).manifest("latest"))).toBe("registry-refused");
  expect(await codeOf(registry("http://127.0.0.1:1").manifest("latest"))).toBe("registry-unreachable");
});
