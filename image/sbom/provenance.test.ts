import { expect, test } from "bun:test";
import { hostname, userInfo } from "node:os";
import { formatProvenance, makeProvenance, type Provenance } from "./provenance.ts";
import { realComponents } from "./testing.ts";

async function sample(): Promise<Provenance> {
  const dependencies = await realComponents();
  return makeProvenance({
    name: "sparkler-qemu-dev-x86_64",
    version: "0.1.0",
    commit: "1d4090f0".repeat(5),
    variant: "qemu-dev",
    sourceDateEpoch: 1_700_000_000,
    dependencies: [...dependencies, ...dependencies.slice(0, 3)],
    outputs: [
      { name: "b.img", sha256: "b".repeat(64) },
      { name: "a.img", sha256: "a".repeat(64) },
    ],
  });
}

test("makeProvenance() has every field that in-toto Statement v1 and SLSA Provenance v1 require", async () => {
  const statement = await sample();
  // in-toto attestation spec v1, Statement: _type, subject (each with a digest), predicateType.
  expect([statement._type, statement.predicateType]).toEqual([
    "https://in-toto.io/Statement/v1",
    "https://slsa.dev/provenance/v1",
  ]);
  expect(statement.subject).toEqual([
    { name: "a.img", digest: { sha256: "a".repeat(64) } },
    { name: "b.img", digest: { sha256: "b".repeat(64) } },
  ]);
  // SLSA v1.0 provenance, Schema: buildDefinition.buildType and .externalParameters, runDetails.builder.id.
  const { buildDefinition, runDetails } = statement.predicate;
  for (const uri of [buildDefinition.buildType, runDetails.builder.id]) expect(URL.canParse(uri)).toBe(true);
  expect(buildDefinition.externalParameters).toEqual({ variant: "qemu-dev" });
});

test("makeProvenance() lists the source and every dependency once, each with its digest", async () => {
  const { resolvedDependencies } = (await sample()).predicate.buildDefinition;
  const [source, ...rest] = resolvedDependencies;
  expect(source).toEqual({ name: "source", digest: { gitCommit: "1d4090f0".repeat(5) } });
  const uris = rest.map((each) => each.uri);
  expect(uris).toHaveLength((await realComponents()).length);
  expect(uris).toEqual([...new Set(uris)].sort());
  expect(rest.every((each) => Object.values(each.digest).every((hex) => /^[0-9a-f]{64,128}$/.test(hex)))).toBe(true);
});

test("makeProvenance() makes the same text twice, and says nothing about the machine", async () => {
  const text = formatProvenance(await sample());
  expect(text).toBe(formatProvenance(await sample()));
  const words = new Set(text.match(/[A-Za-z0-9._-]+/g));
  expect([hostname(), userInfo().homedir, process.cwd()].filter((each) => words.has(each))).toEqual([]);
  expect(text).not.toMatch(/"\/(home|root|work|tmp)\b/);
});
