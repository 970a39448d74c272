import { expect, test } from "bun:test";
import fc from "fast-check";
import { digestOf } from "./apply.ts";
import { planHostContainers, type Present } from "./plan.ts";
import { parseWanted, type Wanted } from "./wanted.ts";

const web: Wanted = { name: "web", source: "r.example/web:1", enabled: true, superpowered: false, userData: undefined };

function present(wanted: Wanted): Present {
  const { name, source, superpowered, userData } = wanted;
  return { name, source, superpowered, userDataDigest: digestOf(userData) };
}

function names({ stop, start }: ReturnType<typeof planHostContainers>): unknown {
  return { stop, start: start.map(({ name }) => name) };
}

test.each([
  ["nothing to do for one that runs as wanted", [web], [web], { stop: [], start: [] }],
  ["a new one", [web], [], { stop: [], start: ["web"] }],
  ["one that is not wanted any more", [], [web], { stop: ["web"], start: [] }],
  ["one that is off", [{ ...web, enabled: false }], [web], { stop: ["web"], start: [] }],
  ["another source", [{ ...web, source: "r.example/web:2" }], [web], { stop: ["web"], start: ["web"] }],
  ["other powers", [{ ...web, superpowered: true }], [web], { stop: ["web"], start: ["web"] }],
  ["other user data", [{ ...web, userData: "e30=" }], [web], { stop: ["web"], start: ["web"] }],
  ["user data taken away", [web], [{ ...web, userData: "" }], { stop: ["web"], start: ["web"] }],
])("planHostContainers(): %s", (_, wanted, there, plan) => {
  expect(names(planHostContainers(wanted, there.map(present), digestOf))).toEqual(plan);
});

test("planHostContainers(): after a plan was carried out there is nothing to do", () => {
  const wanted: fc.Arbitrary<Wanted> = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    source: fc.constantFrom("x", "y"),
    enabled: fc.boolean(),
    superpowered: fc.boolean(),
    userData: fc.constantFrom(undefined, "", "e30="),
  });
  const many = fc.uniqueArray(wanted, { selector: ({ name }) => name });
  fc.assert(
    fc.property(many, many, (before, after) => {
      const there = before.filter(({ enabled }) => enabled).map(present);
      const { stop, start, stay } = planHostContainers(after, there, digestOf);
      const running = after.filter(({ enabled }) => enabled).map(({ name }) => name);
      expect([...stay, ...start.map(({ name }) => name)].toSorted()).toEqual(running.toSorted());
      const then = [...there.filter(({ name }) => !stop.includes(name)), ...start.map(present)];
      expect(then.toSorted(byName)).toEqual(
        after
          .filter(({ enabled }) => enabled)
          .map(present)
          .toSorted(byName),
      );
      expect(names(planHostContainers(after, then, digestOf))).toEqual({ stop: [], start: [] });
    }),
  );
});

test("parseWanted() goes on with the others where one has no source, and refuses what is no such file", () => {
  const read = parseWanted('[host-containers.a]\nenabled = true\n[host-containers.b]\nsource = "x"\n', "f");
  expect(read).toMatchObject({
    ok: true,
    value: { wanted: [{ name: "b", enabled: false }], problems: ['Host container "a" is enabled and has no source'] },
  });
  expect(parseWanted("", "f")).toEqual({ ok: true, value: { wanted: [], problems: [] } });
  for (const wrong of ["[", "[host-containers.a]\nenabled = 1", '[host-containers."a b"]\nsource = "x"', "x = 1"]) {
    const refused = parseWanted(wrong, "f");
    expect(refused.ok ? "" : refused.fault.message).toContain('Cannot read "f"');
  }
});

function byName(a: Present, b: Present): number {
  return a.name < b.name ? -1 : 1;
}
