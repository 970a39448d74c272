import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { routes } from "../server/routes.ts";
import { describeApi } from "./document.ts";
import { operations, parameters } from "./operations.ts";
import { checkDocument } from "./write.ts";

describe("describeApi()", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const judged = await validator.validate(structuredClone({ ...describeApi("1.2.3") }));
    expect(judged.errors ?? []).toEqual([]);
    expect(judged.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  test("a document that is wrong is found out", async () => {
    const judged = await new Validator().validate({ ...describeApi("1.2.3"), paths: { nowhere: { get: 5 } } });
    expect(judged.valid).toBe(false);
  });

  test("every route is described, and nothing else", () => {
    expect(Object.keys(operations).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    const ids = Object.values(operations).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("every parameter is described, and every schema that is named is there", () => {
    const used = new Set(routes.flatMap(({ query = [] }) => query));
    expect([...used].filter((name) => parameters[name] === undefined)).toEqual([]);
    const text = JSON.stringify(describeApi("1.2.3"));
    const named = new Set([...text.matchAll(/#\/components\/schemas\/([A-Za-z]+)/g)].map(([, name = ""]) => name));
    const there = new Set([...text.matchAll(/"([A-Z][A-Za-z]+)":\{/g)].map(([, name = ""]) => name));
    expect(named.size).toBeGreaterThan(20);
    expect([...named].filter((name) => !there.has(name))).toEqual([]);
  });
});

test("docs/reference/openapi.json is as it would be written", async () => {
  await expect(checkDocument()).resolves.toBeUndefined();
});
