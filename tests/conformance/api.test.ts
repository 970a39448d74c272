/**
 * The documented API row by row, against the real server and engine over a socket: each answer is also judged by the
 * OpenAPI document that the server itself gives.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { ClientRig } from "../../api/client/rig.ts";
import { routes } from "../../api/server/routes.ts";

type Seen = { readonly status: number; readonly text: string; readonly json: unknown; readonly headers: Headers };
type Operation = {
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Record<string, object> }>>;
};

let rig: ClientRig;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
const ajv = new Ajv2020({ strict: false, allErrors: true });
/** Routes that were called, as `METHOD path`. */
const called = new Set<string>();

beforeAll(async () => {
  rig = await ClientRig.start();
  addFormats(ajv);
  const { json } = await send("GET", "/openapi.json");
  ajv.addSchema(json as object, "api");
  paths = (json as { paths: typeof paths }).paths;
});

afterAll(() => rig[Symbol.asyncDispose]());

async function send(method: string, uri: string, body?: unknown, headers: Record<string, string> = {}): Promise<Seen> {
  const response = await fetch(`http://localhost${uri}`, {
    unix: rig.socket,
    method,
    keepalive: false,
    headers: { "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined, headers: response.headers };
}

/** Sends a request and holds its answer to the document. */
async function call(method: string, uri: string, body?: unknown, headers?: Record<string, string>): Promise<Seen> {
  const seen = await send(method, uri, body, headers);
  const path = uri.split("?")[0]?.replace(/\/\d+(?=\/|$)/, "/{number}") ?? "";
  const operation = paths[path]?.[method.toLowerCase()];
  expect({ path, method, known: operation !== undefined }).toEqual({ path, method, known: true });
  called.add(`${method} ${path}`);
  const response = operation?.responses[String(seen.status)];
  expect({ uri, status: seen.status, documented: response !== undefined }).toMatchObject({ documented: true });
  const pointer =
    response?.$ref ?? `#/paths/${path.replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D")}`;
  const at =
    response?.$ref === undefined
      ? `${pointer}/${method.toLowerCase()}/responses/${seen.status}/content/application~1json/schema`
      : `${pointer}/content/application~1json/schema`;
  if (seen.json !== undefined) {
    const judge = ajv.getSchema(`api${at}`) ?? ajv.compile({ $ref: `api${at}` });
    const fits = judge(seen.json);
    expect({ uri, fits, errors: judge.errors ?? [] }).toEqual({ uri, fits: true, errors: [] });
  } else {
    expect({ uri, status: seen.status, text: seen.status === 204 ? seen.text : "" }).toMatchObject({ text: "" });
  }
  return seen;
}

async function commit(tx: string, body: object): Promise<void> {
  expect((await call("PATCH", `/settings?tx=${tx}`, body)).status).toBe(204);
  expect((await call("POST", `/tx/commit_and_apply?tx=${tx}`)).status).toBe(200);
}

describe("endpoints of the preview", () => {
  test("GET / holds the four sections; a prefix selects and is widened to a section", async () => {
    await commit("a", { motd: "hi", ntp: { "time-servers": ["10.0.0.1"] } });
    const all = (await call("GET", "/")).json as object;
    expect(Object.keys(all).sort()).toEqual(["configuration-files", "os", "services", "settings"]);
    expect((await call("GET", "/?prefix=settings.motd")).json).toEqual({ settings: { motd: "hi" } });
    expect(Object.keys((await call("GET", "/?prefix=se")).json as object).sort()).toEqual(["services", "settings"]);
    expect((await call("GET", "/?prefix=os.arch")).json).toEqual({ os: { arch: "x86_64" } });
    expect((await call("GET", "/?prefix=nothing")).json).toEqual({});
  });

  test("GET /settings: keys win over prefix, unknown ones are skipped, an empty value is 400", async () => {
    expect((await call("GET", "/settings?keys=settings.motd,settings.none.such&prefix=ntp")).json).toEqual({
      motd: "hi",
    });
    for (const prefix of ["ntp.time", "settings.ntp.time"]) {
      expect((await call("GET", `/settings?prefix=${prefix}`)).json).toEqual({ ntp: { "time-servers": ["10.0.0.1"] } });
    }
    expect((await call("GET", "/settings?prefix=zzz")).json).toEqual({});
    for (const bad of ["keys=", "prefix=", "keys=a..b"])
      expect((await call("GET", `/settings?${bad}`)).status).toBe(400);
  });

  test("PATCH, GET /tx, DELETE /tx, /tx/list: staged only, by name", async () => {
    expect(await call("PATCH", "/settings", { motd: "staged" })).toMatchObject({ status: 204, text: "" });
    expect((await call("GET", "/tx")).json).toEqual({ motd: "staged" });
    expect((await call("GET", "/tx?tx=default")).json).toEqual({ motd: "staged" });
    expect((await call("GET", "/tx?tx=other")).json).toEqual({});
    expect((await call("GET", "/tx/list")).json).toEqual(["default"]);
    expect((await call("GET", "/settings?keys=settings.motd")).json).toEqual({ motd: "hi" });
    expect((await call("DELETE", "/tx")).json).toEqual(["settings.motd"]);
    expect((await call("DELETE", "/tx")).json).toEqual([]);
    expect((await call("PATCH", "/settings", { nonsense: 1 })).status).toBe(400);
    expect((await call("PATCH", "/settings", { motd: null })).status).toBe(204);
    expect((await call("GET", "/tx")).json).toEqual({});
  });

  test("POST /tx/commit answers with the names, and is 422 with nothing pending", async () => {
    expect((await call("POST", "/tx/commit?tx=none")).status).toBe(422);
    await call("PATCH", "/settings?tx=c", { motd: "committed" });
    expect((await call("POST", "/tx/commit?tx=c")).json).toEqual(["settings.motd"]);
    expect((await call("POST", "/tx/apply?keys=settings.motd")).status).toBe(204);
    expect((await call("POST", "/tx/apply?wait=true")).json).toMatchObject({ ok: true });
    expect(await rig.machine.read("etc/motd")).toContain("committed");
    expect((await call("POST", "/tx/generate?tx=g")).status).toBe(200);
  });

  test("metadata, services, configuration files, os", async () => {
    expect((await call("GET", "/os")).json).toMatchObject({ variant_id: "test", version_id: "0.1.0" });
    expect((await call("GET", "/os?prefix=os.arch")).json).toEqual({ arch: "x86_64" });
    const affected = (await call("GET", "/metadata/affected-services?keys=settings.motd,settings.none")).json as object;
    expect(Object.keys(affected)).toEqual(["settings.motd"]);
    expect((await call("GET", "/metadata/affected-services")).status).toBe(400);
    expect((await call("GET", "/metadata/setting-generators")).json).toBeObject();
    expect((await call("GET", "/metadata/templates?keys=settings.motd")).json).toEqual({});
    expect((await call("GET", "/metadata/templates")).status).toBe(400);
    const services = Object.keys((await call("GET", "/services")).json as object);
    expect(services.length).toBeGreaterThan(0);
    expect(Object.keys((await call("GET", `/services?names=${services[0]}`)).json as object)).toEqual([
      services[0] ?? "",
    ]);
    expect((await call("GET", "/services?names=none")).status).toBe(404);
    expect((await call("GET", "/services?prefix=services.none")).json).toEqual({});
    expect((await call("GET", "/configuration-files?prefix=motd")).json).toMatchObject({ motd: { path: "/etc/motd" } });
    expect((await call("GET", "/configuration-files?names=none")).status).toBe(404);
  });
});

describe("endpoints added since", () => {
  test("PATCH /settings/keypair guesses, and hints at JSON when nothing fits", async () => {
    const pairs = { request_payload: ["motd=a=b", "settings.network.hostname=h1"] };
    expect((await call("PATCH", "/settings/keypair?tx=k", pairs)).status).toBe(204);
    expect((await call("GET", "/tx?tx=k")).json).toEqual({ motd: "a=b", network: { hostname: "h1" } });
    const refused = await call("PATCH", "/settings/keypair?tx=k", { request_payload: ["ntp.time-servers=true"] });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("JSON");
    expect((await call("PATCH", "/settings/keypair", { request_payload: ["motd"] })).status).toBe(400);
    await call("DELETE", "/tx?tx=k");
  });

  test("POST /actions/reboot", async () => {
    expect((await call("POST", "/actions/reboot")).status).toBe(204);
    expect(rig.reboots).toBe(1);
  });

  test("ephemeral storage: disks by name or path, file systems by their documented names, lists as text unless asked", async () => {
    const base = "/actions/ephemeral-storage";
    const disk = "/dev/disk/ephemeral/nvme-a";
    expect((await call("GET", `${base}/list-disks?format=json`)).json).toEqual([disk]);
    expect((await call("GET", `${base}/list-dirs?format=json`)).json).toContain("/var/lib/containerd");
    expect((await call("POST", `${base}/init`, { filesystem: "Ext4", disks: ["nvme-a"] })).status).toBe(204);
    expect((await call("POST", `${base}/init`, { filesystem: "btrfs" })).status).toBe(400);
    expect((await call("POST", `${base}/bind`, { targets: ["/var/lib/containerd"] })).status).toBe(204);
    expect((await call("POST", `${base}/bind`, { targets: ["/etc"] })).status).toBe(400);
    expect(rig.asked).toEqual([
      { kind: "init", fileSystem: "ext4", disks: [disk] },
      { kind: "bind", folders: ["/var/lib/containerd"] },
    ]);
  });

  test("GET /exec wants a WebSocket", async () => {
    expect((await call("GET", "/exec")).status).toBe(426);
  });
});

describe("our own", () => {
  test("refusals are JSON for who asks, with every problem by its path", async () => {
    const json = { Accept: "application/json" };
    const refused = await call("PATCH", "/settings", { motd: 5, ntpp: {} }, json);
    expect(refused.json).toMatchObject({
      code: "invalid-settings",
      problems: [{ path: "settings.motd" }, { path: "settings.ntpp" }],
    });
    expect(refused.text).toContain('did you mean \\"ntp\\"?');
    expect((await call("GET", "/generations/999999", undefined, json)).json).toMatchObject({
      code: "unknown-generation",
    });
    const plain = await call("PATCH", "/settings", { motd: 5, ntpp: {} });
    expect(
      plain.text
        .split("\n")
        .slice(1)
        .map((line) => line.split(":")[0]),
    ).toEqual(["settings.motd", "settings.ntpp"]);
  });

  test("removal, plan, a commit held to it, and the outcome behind Location", async () => {
    await commit("r", { motd: "mine" });
    expect((await call("DELETE", "/settings?keys=settings.motd&tx=u")).json).toEqual(["settings.motd"]);
    expect((await call("DELETE", "/settings?tx=u")).status).toBe(400);
    const plan = await call("POST", "/plan?tx=u");
    const hash = plan.headers.get("etag") ?? "";
    expect(hash).toBe(`"${(plan.json as { hash: string }).hash}"`);
    expect((await call("POST", "/tx/commit?tx=u", undefined, { "If-Match": '"00"' })).status).toBe(412);
    const done = await call("POST", "/tx/commit_and_apply?tx=u", undefined, { "If-Match": hash });
    expect(done).toMatchObject({ status: 200, json: ["settings.motd"] });
    const outcome = await call("GET", `${done.headers.get("location")}?wait=true`);
    expect(outcome.json).toMatchObject({ state: "done", ok: true });
    expect((await call("GET", "/apply/999999999")).status).toBe(404);
    expect((await call("GET", "/apply/latest")).status).toBe(200);
    expect((await call("GET", "/apply")).json).toBeArray();
    expect((await call("POST", "/plan?tx=nothing")).status).toBe(422);
  });

  test("generations: list, one, difference, restore, confirmation", async () => {
    await commit("g1", { motd: "one" });
    const [first] = (await call("GET", "/generations")).json as { number: number }[];
    await commit("g2", { motd: "two" });
    const number = first?.number ?? 0;
    expect((await call("GET", `/generations/${number}`)).json).toMatchObject({ number });
    expect((await call("GET", `/generations/${number}/diff`)).json).toEqual([
      { key: "settings.motd", from: "one", to: "two" },
    ]);
    expect((await call("POST", `/plan?restore=${number}`)).status).toBe(200);
    expect((await call("POST", `/generations/${number}/restore?confirm=60`)).json).toEqual(["settings.motd"]);
    expect((await call("GET", "/status")).json).toMatchObject({ unconfirmed: { base: number + 1 } });
    await call("PATCH", "/settings?tx=w", { motd: "waits" });
    expect((await call("POST", "/tx/commit?tx=w")).status).toBe(409);
    expect((await call("POST", "/confirm")).status).toBe(200);
    expect((await call("POST", "/confirm")).status).toBe(409);
    expect((await call("POST", "/tx/commit?tx=w")).status).toBe(200);
    expect((await call("GET", "/explain?key=motd")).json).toMatchObject([{ key: "settings.motd", value: "waits" }]);
    expect((await call("GET", "/explain?key=settings")).json).toBeArray();
    expect((await call("GET", "/status/apply")).status).toBe(200);
  });

  test("GET /host-containers: those of settings and those that run still, as their runners say", async () => {
    await commit("hc", { "host-containers": { web: { source: "registry.example/web:1", enabled: true } } });
    await commit("hd", { "host-containers": { late: { source: "registry.example/late:1", enabled: true } } });
    rig.statuses.set("web", { phase: "failing", why: "the registry answers 404", pid: 5 });
    rig.statuses.set("old", { phase: "stopping", pid: 6 });
    rig.statuses.set("boot.setup", { phase: "running", pid: 7 });
    expect((await call("GET", "/host-containers")).json).toMatchObject([
      { name: "admin", phase: "off", enabled: false, superpowered: true },
      { name: "control", phase: "waiting", enabled: true },
      { name: "late", phase: "waiting" },
      { name: "old", phase: "stopping", enabled: false },
      { name: "web", source: "registry.example/web:1", phase: "failing", why: "the registry answers 404" },
    ]);
    rig.statuses.clear();
  });

  test("every route was called but the one that never ends", () => {
    called.add("GET /openapi.json");
    const left = routes.map(({ method, path }) => `${method} ${path}`).filter((name) => !called.has(name));
    expect(left).toEqual(["GET /events"]);
  });
});

describe("many clients", () => {
  test("600 at once are all answered, each commit whole", async () => {
    const before = ((await call("GET", "/status")).json as { generation: number }).generation;
    const answers = await Promise.all(
      Array.from({ length: 600 }, async (_, index) => {
        if (index % 20 !== 0) return (await send("GET", "/settings")).status;
        await send("PATCH", `/settings?tx=m${index}`, { motd: `number ${index}` });
        return (await send("POST", `/tx/commit?tx=m${index}`)).status;
      }),
    );
    expect(answers.filter((status) => status !== 200)).toEqual([]);
    const after = ((await call("GET", "/status")).json as { generation: number }).generation;
    expect(after - before).toBe(30);
  });

  test("more event streams than are served are refused with 503, and ending one makes room", async () => {
    const stop = new AbortController();
    const open = (): Promise<Response> =>
      fetch("http://localhost/events", { unix: rig.socket, keepalive: false, signal: stop.signal });
    const streams = await Promise.all(Array.from({ length: 64 }, open));
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    const refused = await send("GET", "/events");
    expect(refused).toMatchObject({ status: 503 });
    expect(refused.headers.get("retry-after")).toBe("1");
    await streams[0]?.body?.cancel();
    let status = 503;
    while (status === 503) {
      const again = await open();
      ({ status } = again);
      if (status === 503) await again.text();
    }
    expect(status).toBe(200);
    stop.abort();
  });
});
