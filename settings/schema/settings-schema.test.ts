import { describe, expect, test } from "bun:test";
import Ajv2020 from "ajv/dist/2020";
import { decodeSettings } from "../model/decode.ts";
import type { AnyDefinition } from "../model/definition.ts";
import { allSettings } from "../model/describe.ts";
import { model } from "../model/model.ts";
import { documentSchema, schemaOf } from "./settings-schema.ts";

const FULL = {
  motd: "hello\nworld",
  network: { hostname: "node-1", hosts: [["10.0.0.10", ["registry"]]], "no-proxy": [".example.org"] },
  dns: { "name-servers": ["fd00::2"], "search-list": ["corp.example"] },
  ntp: { "time-servers": ["10.0.0.3"], options: ["iburst"] },
  kernel: { sysctl: { "vm.swappiness": "10" }, modules: { sctp: { allowed: false } }, lockdown: "integrity" },
  pki: { own: { data: "", trusted: true } },
  updates: { seed: 7, "version-lock": "v1.2.3", "ignore-waves": true },
};

/** A document in which one setting is set; `key` begins with the outer `settings`. */
function documentOf(key: readonly string[], value: unknown): unknown {
  return key.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

test("schemaOf() leaves out what a variant does not have", () => {
  const { motd, dns } = model.members;
  const group: AnyDefinition = {
    kind: "group",
    description: "",
    since: "",
    members: { motd, dns: { ...dns, variants: ["aws-*"] } },
  };
  const namesFor = (variant?: string): unknown => Object.keys(Object(schemaOf(group, variant)["properties"]));
  expect([namesFor(), namesFor("aws-dev"), namesFor("qemu-dev")]).toEqual([["motd", "dns"], ["motd", "dns"], ["motd"]]);
});

describe("documentSchema()", () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(documentSchema());

  test("documentSchema() takes what the model takes", () => {
    expect(decodeSettings(FULL).problems).toEqual([]);
    expect([validate({ settings: FULL }), validate.errors]).toEqual([true, null]);
    expect(validate({ settings: {} })).toBe(true);
  });

  test.each([
    [{}],
    [{ settings: {}, other: 1 }],
    [{ settings: { motdd: "x" } }],
    [{ settings: { motd: 5 } }],
    [{ settings: { ntp: { "time-servers": "a" } } }],
    [{ settings: { ntp: { "time-servers": Array.from({ length: 65 }, () => "a") } } }],
    [{ settings: { kernel: { sysctl: { "a b": "1" } } } }],
    [{ settings: { kernel: { sysctl: { "a.b": 1 } } } }],
    [{ settings: { kernel: { lockdown: "some" } } }],
    [{ settings: { kernel: { modules: { sctp: { allow: true } } } } }],
    [{ settings: { pki: { "a.b": {} } } }],
    [{ settings: { updates: { seed: -1 } } }],
    [{ settings: { network: { hostname: "A B" } } }],
    [{ settings: { network: { hosts: [["10.0.0.1"]] } } }],
  ])("documentSchema() refuses %j, as the model does", (document) => {
    expect(validate(document)).toBe(false);
    if ("settings" in document && !("other" in document)) {
      expect(decodeSettings(document.settings).problems.length).toBeGreaterThan(0);
    }
  });

  test("documentSchema() describes every setting, and defaults and examples are valid", () => {
    let judged = 0;
    for (const [key, { default: standard, example, schema, description }] of allSettings()) {
      expect(description.length).toBeGreaterThan(5);
      for (const value of [standard, example]) {
        if (value === undefined) continue;
        expect([key, schema.safeParse(value).success]).toEqual([key, true]);
        expect([key, validate(documentOf(key, value)), validate.errors]).toEqual([key, true, null]);
        judged += 1;
      }
    }
    expect(judged).toBeGreaterThan(10);
    const text = JSON.stringify(documentSchema());
    expect(text).toContain("Welcome to Sparkler!");
    expect(text).toContain('"examples"');
  });
});
