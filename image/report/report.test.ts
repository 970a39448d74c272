import { expect, test } from "bun:test";
import { orThrow } from "../../base/result.ts";
import { readContent } from "./content.ts";
import { makeReport, parseReport, type Report } from "./report.ts";
import { inSampleTree, sampleOwners } from "./testing.ts";
import { formatReport } from "./text.ts";

async function sample(): Promise<Report> {
  const content = await inSampleTree((tree) => readContent({ tree, owners: sampleOwners, packages: [] }));
  const images = [
    { name: "root", bytes: 10 * 1024 * 1024, compressed: 4 * 1024 * 1024 },
    { name: "disk", bytes: 2048 },
  ];
  return makeReport({ name: "sparkler-qemu-dev", version: "0.1.0", commit: "abc", images, content });
}

test("makeReport() counts every byte once, per package and per source", async () => {
  const report = await sample();
  expect(sum(report.packages)).toBe(report.bytes);
  expect(report.packages.map((each) => sum(each.sources))).toEqual(report.packages.map((each) => each.bytes));
  expect([report.files, report.links]).toEqual([12, 2]);
  expect(report.packages[0]).toEqual({
    name: "tools",
    files: 2,
    bytes: 4064,
    sources: [
      { debian: "tool-data", version: "1.0-1", files: 1, bytes: 4000 },
      { debian: "tool", version: "1.0-1", files: 1, bytes: 64 },
    ],
  });
  expect(report.setuid).toEqual([{ path: "usr/bin/raised", package: "image", mode: "4755" }]);
  expect(report.largest[0]).toEqual({ path: "usr/share/data", package: "tools", bytes: 4000 });
});

test("makeReport() makes the same report twice, and parseReport() reads it back", async () => {
  const [one, two] = [await sample(), await sample()];
  expect(JSON.stringify(one)).toBe(JSON.stringify(two));
  expect(orThrow(parseReport(JSON.stringify(one)))).toEqual(one);
});

test.each(["", "[]", "{}", '{"format":2}'])("parseReport() refuses %j", (text) => {
  expect(parseReport(text).ok).toBe(false);
});

test("formatReport() shows every part", async () => {
  const text = formatReport(await sample());
  for (const line of [
    "sparkler-qemu-dev 0.1.0 (abc)",
    "  root   10 MiB   4.0 MiB",
    "  disk   2.0 KiB  -",
    "tool-data 1.0-1, tool 1.0-1",
    "Executables (5)",
    "Setuid and setgid files (1)\n  /usr/bin/raised  4755  image",
    "Ports open to the network (3)\n  tcp * 22",
    "Kernel modules: 1, 70 B",
  ]) {
    expect(text).toContain(line);
  }
});

test("formatReport() says none where there is nothing", async () => {
  const text = formatReport({ ...(await sample()), setuid: [] });
  expect(text).toContain("Setuid and setgid files (0)\n  none");
});

function sum(all: readonly { readonly bytes: number }[]): number {
  return all.reduce((total, each) => total + each.bytes, 0);
}
