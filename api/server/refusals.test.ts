import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { ServerRig } from "./rig.ts";
import { fakeOs } from "./testing.ts";

let rig: ServerRig;

beforeEach(async () => {
  rig = await ServerRig.start();
});

afterEach(() => rig[Symbol.asyncDispose]());

/** Settings in exactly so many bytes. */
function motdOf(bytes: number): string {
  return `{"motd":"${"x".repeat(bytes - 11)}"}`;
}

describe("refusals", () => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    ["GET", "/nowhere", 404, "no such path"],
    ["GET", "/settings/", 404, "no such path"],
    ["POST", "/settings", 405, "DELETE, GET, PATCH"],
    ["OPTIONS", "/tx", 405, "DELETE, GET"],
    ["GET", "/settings?keys=", 400, "is empty"],
    ["GET", "/settings?prefix=", 400, "is empty"],
    ["GET", "/settings?keys=settings.a,,b", 400, "is empty"],
    ["GET", "/settings?keys=settings.%C3%A4", 400, "key"],
    ["GET", "/settings?key=settings.motd", 400, "there are: keys, prefix"],
    ["GET", "/tx?tx=a&tx=b", 400, "given twice"],
    ["GET", "/tx/list?tx=a", 400, "none here"],
    ["GET", "/metadata/affected-services", 400, "missing"],
    ["GET", "/metadata/templates?keys=a..b", 400, "segment is empty"],
    ["POST", "/tx/apply?keys=settings.%20", 400, "key"],
    ["POST", "/tx/apply?wait=yes", 400, "true or false"],
    ["POST", "/tx/commit?tx=empty", 422, "nothing is pending"],
    ["GET", "/services?names=none", 404, "none"],
    ["PATCH", "/settings", 400, "empty, wanted JSON"],
    ["PATCH", "/settings?from=me", 400, "user-data:FILE"],
  ];
  for (const [method, uri, status, says] of cases) {
    test(`${method} ${uri} is ${status}`, async () => {
      const body = uri.includes("from=") ? "{}" : undefined;
      const seen = await rig.call(method, uri, body);
      expect(seen.status).toBe(status);
      expect(seen.text + (seen.headers.get("allow") ?? "")).toContain(says);
      expect(seen.headers.get("content-type")).toStartWith("text/plain");
    });
  }

  test("a 405 has Allow", async () => {
    expect((await rig.call("POST", "/settings")).headers.get("allow")).toBe("DELETE, GET, PATCH");
  });

  test("bodies that are no JSON are refused", async () => {
    const bodies: readonly (string | Uint8Array)[] = [
      "{",
      "nonsense",
      '{"a":1}x',
      Uint8Array.of(0x22, 0xff, 0x22),
      new Uint8Array(5000),
      `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
      `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
      "5",
      "null",
      "[]",
    ];
    for (const body of bodies) expect((await rig.call("PATCH", "/settings", body)).status).toBe(400);
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await rig.call("PATCH", "/settings", "{}", form)).text).toContain("wanted application/json");
    expect((await rig.call("GET", "/tx")).json).toEqual({});
  });

  test("bodies of more than 1 MiB are 413, and the server goes on", async () => {
    expect((await rig.call("PATCH", "/settings", motdOf(1024 * 1024))).status).toBe(204);
    expect((await rig.call("PATCH", "/settings", motdOf(1024 * 1024 + 1))).status).toBe(413);
    const huge = await rig.call("PATCH", "/settings", motdOf(8 * 1024 * 1024)).then(
      ({ status }) => status,
      () => "closed",
    );
    expect([413, "closed"]).toContain(huge);
    expect((await rig.call("GET", "/os")).status).toBe(200);
  });

  test("too many transactions are 409", async () => {
    for (let index = 0; index < 100; index++) rig.engine.patch(`t${index}`, { motd: "x" });
    expect((await rig.call("PATCH", "/settings?tx=more", { motd: "x" })).status).toBe(409);
  });

  test("an error of the server itself is 500 and logged, without its words in the answer", async () => {
    Object.assign(rig.engine, {
      generation: () => {
        throw new Error("secret of the inside");
      },
    });
    const seen = await rig.call("GET", "/status");
    expect(seen.status).toBe(500);
    expect(seen.text).not.toContain("secret");
    expect(rig.lines.join("")).toContain("secret of the inside");
  });

  test("garbage and clients that leave half-way do no harm", async () => {
    await rig.raw("\0\0GARBAGE\r\n\r\n", 50);
    await rig.raw("GET http://[ HTTP/1.1\r\nHost: [\r\n\r\n", 50);
    expect(await rig.raw("GET /os HTTP/1.1\r\nHost: [bad\r\nConnection: close\r\n\r\n", 100)).toStartWith("HTTP/1.1 ");
    const whole =
      'PATCH /settings?tx=cut HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"motd":"x"}';
    for (let size = 0; size < whole.length; size += 7) await rig.raw(whole.slice(0, size), 2);
    expect(rig.engine.listTx()).toEqual([]);
    await rig.raw("POST /tx/apply?wait=true HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 1);
    expect((await rig.call("GET", "/os")).json).toEqual(fakeOs);
  });
});
