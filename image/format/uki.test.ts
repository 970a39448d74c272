import { expect, test } from "bun:test";
import { encodeCpio, FILE_MODE, FOLDER_MODE } from "./cpio.ts";
import { endOfSections, placeSections } from "./uki.ts";

test("placeSections() puts each section on a page of its own behind the stub", () => {
  const sections = [
    { name: ".a", file: "a", size: 1 },
    { name: ".b", file: "b", size: 4097 },
    { name: ".c", file: "c", size: 5 },
  ];
  expect(placeSections(0x1001n, sections).map((each) => each.address)).toEqual([0x2000n, 0x3000n, 0x5000n]);
});

test("endOfSections() takes the highest end in the listing and refuses an empty one", () => {
  const row = "  0 .text         00000200  0000000140001000  0000000140001000  00000400  2**4\n";
  expect(endOfSections(row)).toBe(0x140001200n);
  expect(() => endOfSections("nothing")).toThrow("section");
});

test("encodeCpio() aligns headers and contents to four bytes and ends with the trailer", () => {
  const archive = encodeCpio([
    { path: "dev", mode: FOLDER_MODE },
    { path: "a", mode: FILE_MODE, content: new Uint8Array(5) },
  ]);
  const text = new TextDecoder("latin1").decode(archive);
  expect(archive.length % 4).toBe(0);
  expect([...text.matchAll(/070701/g)].every((match) => match.index % 4 === 0)).toBe(true);
  expect(text).toContain("TRAILER!!!");
});
