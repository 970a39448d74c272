import { expect, test } from "bun:test";
import { formatSpdx, makeSpdx, type SpdxDocument, type SpdxInput } from "./spdx.ts";
import { realComponents } from "./testing.ts";

const input: Omit<SpdxInput, "packages"> = {
  name: "sparkler-qemu-dev-x86_64",
  version: "0.1.0",
  commit: "1d4090f",
  created: 1_700_000_000,
};

/** What SPDX 2.3 requires of a document and of a package, by section. */
const DOCUMENT_FIELDS = {
  spdxVersion: "6.1",
  dataLicense: "6.2",
  SPDXID: "6.3",
  name: "6.4",
  documentNamespace: "6.5",
  creationInfo: "6.8 and 6.9",
};
const PACKAGE_FIELDS = { name: "7.1", SPDXID: "7.2", downloadLocation: "7.7" };

async function sample(): Promise<SpdxDocument> {
  return makeSpdx({ ...input, packages: await realComponents() });
}

test("makeSpdx() has every field that SPDX 2.3 §6 and §7 require", async () => {
  const document = await sample();
  expect(Object.keys(document)).toEqual(expect.arrayContaining(Object.keys(DOCUMENT_FIELDS)));
  expect(document.packages.length).toBeGreaterThan(20);
  for (const each of document.packages) {
    expect(Object.keys(each)).toEqual(expect.arrayContaining(Object.keys(PACKAGE_FIELDS)));
    // §7.8, §7.9: without analysed files no verification code is wanted.
    expect(each.filesAnalyzed).toBe(false);
  }
});

test("makeSpdx() keeps the forms of SPDX 2.3", async () => {
  const document = await sample();
  expect(document.documentNamespace).toMatch(/^urn:uuid:[0-9a-f-]{36}$/); // §6.5: absolute URI without "#"
  expect(document.creationInfo.created).toBe("2023-11-14T22:13:20Z"); // §6.9
  for (const creator of document.creationInfo.creators) expect(creator).toMatch(/^(Person|Organization|Tool): ./); // §6.8
  for (const each of document.packages) {
    expect(each.SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/); // §7.2
    expect(each.supplier).toMatch(/^(Person: .|Organization: .|NOASSERTION$)/); // §7.5
    for (const { algorithm, checksumValue } of each.checksums ?? []) {
      expect(`${algorithm} ${checksumValue}`).toMatch(/^(SHA256 [0-9a-f]{64}|SHA512 [0-9a-f]{128})$/); // §7.10
    }
    for (const { referenceLocator } of each.externalRefs ?? []) expect(referenceLocator).toMatch(/^pkg:(deb|npm)\//); // §7.21
  }
});

test("makeSpdx() gives every element one id, and relationships refer to no other", async () => {
  const document = await sample();
  const ids = [document.SPDXID, ...document.packages.map((each) => each.SPDXID)];
  expect(new Set(ids).size).toBe(ids.length);
  const used = document.relationships.flatMap((each) => [each.spdxElementId, each.relatedSpdxElement]);
  expect(used.filter((id) => !ids.includes(id))).toEqual([]); // §11.1
  expect(new Set(used).size).toBe(ids.length);
  const described = document.relationships.filter((each) => each.relationshipType === "DESCRIBES");
  expect(described).toEqual([
    { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "SPDXRef-Image" },
  ]);
});

test("makeSpdx() puts npm packages into the executable, Debian packages into the image", async () => {
  const { relationships } = await sample();
  const outer = (inner: string): string | undefined =>
    relationships.find((each) => each.relatedSpdxElement === inner)?.spdxElementId;
  expect([outer("SPDXRef-npm-zod"), outer("SPDXRef-debian-binutils"), outer("SPDXRef-Sparkler")]).toEqual([
    "SPDXRef-Sparkler",
    "SPDXRef-Image",
    "SPDXRef-Image",
  ]);
});

test("makeSpdx() makes the same text twice, and another namespace for other content", async () => {
  expect(formatSpdx(await sample())).toBe(formatSpdx(await sample()));
  const packages = await realComponents();
  const namespaces = [
    makeSpdx({ ...input, packages }),
    makeSpdx({ ...input, packages: packages.slice(1) }),
    makeSpdx({ ...input, packages, commit: "other" }),
  ].map((each) => each.documentNamespace);
  expect(new Set(namespaces).size).toBe(3);
});
