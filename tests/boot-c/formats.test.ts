/** The small parsers of boot/formats, run on this machine. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { crc32c } from "../../base/crc32c.ts";
import { crc32 } from "../../disk/gpt/crc32.ts";
import { type BootFlags, bootFlags, withBootFlags } from "../../disk/gpt/attributes.ts";
import { decodeGuid } from "../../disk/gpt/guid.ts";
import { anyAttributes, anyBootFlags } from "../../disk/gpt/testing.ts";
import { nextSet } from "../../disk/set/choice.ts";
import { compileDriver, drive, openFolder } from "./compile.ts";

type Folder = Awaited<ReturnType<typeof openFolder>>;

let folder: Folder;

beforeAll(async () => {
  folder = await openFolder();
  await compileDriver(folder);
}, 600_000);
afterAll(() => folder[Symbol.asyncDispose]());

const HASH = "0123456789abcdef".repeat(4);
const WORDS = `sparkler.roothash=${HASH} sparkler.salt=00ff sparkler.blocks=123`;

test.each<readonly [line: string, answer: string]>([
  [WORDS, `${HASH} 00ff 123 120`],
  [`quiet ${WORDS} sparkler.watchdog=0\n`, `${HASH} 00ff 123 0`],
  [`${WORDS} sparkler.watchdog=3600 -- sparkler.watchdog=1`, `${HASH} 00ff 123 3600`],
  [`x="sparkler.salt=11 y" ${WORDS}`, `${HASH} 00ff 123 120`],
  ["", "bad: sparkler.roothash is missing"],
  [`${WORDS} sparkler.roothash=${HASH}`, "bad: sparkler.roothash is given twice"],
  [WORDS.replace(HASH, HASH.slice(1)), "bad: sparkler.roothash is not 64 hexadecimal digits"],
  [WORDS.replace(HASH, HASH.toUpperCase()), "bad: sparkler.roothash is not 64 hexadecimal digits"],
  [WORDS.replace("00ff", "0ff"), "bad: sparkler.salt is not 1 to 256 bytes in hexadecimal"],
  [WORDS.replace("00ff", "00".repeat(257)), "bad: sparkler.salt is not 1 to 256 bytes in hexadecimal"],
  [WORDS.replace("=123", "=0"), "bad: sparkler.blocks is not a number of blocks"],
  [WORDS.replace("=123", "=-1"), "bad: sparkler.blocks is not a number of blocks"],
  [WORDS.replace("=123", `=${"9".repeat(30)}`), "bad: sparkler.blocks is not a number of blocks"],
  [`${WORDS} sparkler.watchdog=3601`, "bad: sparkler.watchdog is not a number of seconds up to 3600"],
])("the command line %j is %j", async (line, answer) => {
  expect(await drive(folder, "arguments", [line])).toEqual([answer]);
});

test("the checksum file has exactly one form", async () => {
  const bad = ["", "0123abcd 5", "0123abcd 05\n", "0123ABCD 5\n", "0123abcd  5\n", "123abcd 5\n", "0123abcd 5\n\n"];
  const more = ["0123abcd 0\n", "0123abcd \n", "0123abcd 536870913\n", `0123abcd ${"1".repeat(99)}\n`, "0123abcd 5x\n"];
  const inputs = ["0123abcd 5\n", "ffffffff 536870912\n", ...bad, ...more];
  const answers = await drive(folder, "checksum", inputs);
  expect(answers.slice(0, 2)).toEqual(["0123abcd 5", "ffffffff 536870912"]);
  expect(answers.slice(2).filter((each) => each !== "bad")).toEqual([]);
});

test("checksums are those that the builder computes, by instruction and by table", async () => {
  const inputs = fc.sample(fc.uint8Array({ maxLength: 300 }), 200);
  const wanted = inputs.map((each) => [crc32(each), crc32c(each), crc32c(each)].map(hex).join(" "));
  expect(await drive(folder, "crc", inputs)).toEqual(wanted);
});

test("GUIDs are read as the TypeScript side reads them, from text and from a variable", async () => {
  const bytes = fc.sample(fc.uint8Array({ minLength: 16, maxLength: 16 }), 100);
  const texts = bytes.map((each) => decodeGuid(each, 0));
  expect(
    await drive(
      folder,
      "guid",
      texts.flatMap((each) => [each, each.toUpperCase()]),
    ),
  ).toEqual(texts.flatMap((each) => [each, each]));
  const [one = ""] = texts;
  expect(await drive(folder, "guid-variable", [variable(one), variable(`${one}\0`)])).toEqual([one, one]);
  const bad = ["", "6", variable(`${one}x`), variable(`${one}\0\0`), variable(one.replace("-", "\u012d"))];
  expect(await drive(folder, "guid-variable", bad)).toEqual(bad.map(() => "bad"));
});

test("the mark of a start is eight bytes and nothing else", async () => {
  const good = Buffer.from([6, 0, 0, 0, 0x78, 0x56, 0x34, 0x12]);
  const inputs = [good, good.subarray(1), Buffer.concat([good, Buffer.alloc(1)]), Buffer.alloc(0)];
  expect(await drive(folder, "mark-variable", inputs)).toEqual(["12345678", "bad", "bad", "bad"]);
});

test("the list of modules gives paths in order, and refuses those that lead out", async () => {
  const list = `/modules/a.ko\n# no\n\n/modules/../b.ko\n${"x".repeat(300)}\n..\n/modules/c..d.ko\nlast`;
  expect(await drive(folder, "modules", [list, "", "\n"])).toEqual([
    "/modules/a.ko;bad;bad;bad;/modules/c..d.ko;last;",
    "",
    "",
  ]);
});

test.each<readonly [text: string, answer: string]>([
  ["MAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\nDISKSEQ=9\n", "vda disk 254:0 0"],
  ["MAJOR=254\nMINOR=3\nDEVNAME=vda3\nDEVTYPE=partition\nPARTN=3\n", "vda3 partition 254:3 3"],
  ["MAJOR=8\nMINOR=0\nDEVNAME=cciss/c0d0\nDEVTYPE=disk", "cciss/c0d0 disk 8:0 0"],
  ["MAJOR=254\nMINOR=0\nDEVNAME=vda\n", "bad"],
  ["MAJOR=254\nMAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\n", "bad"],
  ["MAJOR=254\nMINOR=1048576\nDEVNAME=vda\nDEVTYPE=disk\n", "bad"],
  ["MAJOR=254\nMINOR=0\nDEVNAME=../vda\nDEVTYPE=disk\n", "bad"],
  ["MAJOR=254\nMINOR=0\nDEVNAME=/vda\nDEVTYPE=disk\n", "bad"],
  ["MAJOR=254\nMINOR=0\nDEVNAME=a/../vda\nDEVTYPE=disk\n", "bad"],
  ["MAJOR=254\nMINOR=3\nDEVNAME=vda3\nDEVTYPE=partition\n", "bad"],
  ["MAJOR=254\nMINOR=3\nDEVNAME=vda3\nDEVTYPE=disk\nPARTN=3\n", "bad"],
])("the uevent %j is %j", async (text, answer) => {
  expect(await drive(folder, "uevent", [text])).toEqual([answer]);
});

test("the selector chooses what disk/set/choice.ts foretells, and takes one try off", async () => {
  const any = fc.record({ A: anyBootFlags, B: anyBootFlags, noise: anyAttributes });
  const states = fc.sample(any, 3000);
  const answers = await drive(
    folder,
    "choice",
    states.map(({ A, B, noise }) => candidates(withBootFlags(noise, A), withBootFlags(noise, B))),
  );
  const told = answers.map((answer) => {
    const [chosen = "", after = ""] = answer.split(" ");
    return { chosen: Number(chosen), after: BigInt(`0x${after}`) };
  });
  for (const [at, { A, B, noise }] of states.entries()) {
    const next = nextSet({ A, B });
    const flags = next === "A" ? A : B;
    const wanted = next === undefined ? 0n : withBootFlags(noise, started(flags));
    expect(told[at]).toEqual({ chosen: next === undefined ? -1 : next === "A" ? 0 : 1, after: wanted });
  }
});

test("a set that was refused in this run is not chosen again", async () => {
  const good = withBootFlags(0n, { priority: 2, triesLeft: 0, successful: true, starts: 0 });
  const inputs = [candidates(good, good, 1), candidates(good, good, 1, 1)];
  expect((await drive(folder, "choice", inputs)).map((each) => each.split(" ")[0])).toEqual(["1", "-1"]);
});

test("a good set that keeps failing makes way, and two failing ones take turns", async () => {
  let [A, B] = [withBootFlags(0n, goodBefore(2)), withBootFlags(0n, goodBefore(1))];
  const order: string[] = [];
  for (let start = 0; start < 22; start++) {
    const [answer = ""] = await drive(folder, "choice", [candidates(A, B)]);
    const [chosen = "", after = ""] = answer.split(" ");
    order.push(chosen === "0" ? "A" : "B");
    if (chosen === "0") A = BigInt(`0x${after}`);
    else B = BigInt(`0x${after}`);
  }
  expect(order.join("")).toBe(`AAABBB${"AB".repeat(8)}`);
  expect([bootFlags(A).starts, bootFlags(B).starts]).toEqual([6, 6]);
});

function goodBefore(priority: number): BootFlags {
  return { priority, triesLeft: 0, successful: true, starts: 0 };
}

function started(flags: BootFlags): BootFlags {
  return { ...flags, triesLeft: Math.max(0, flags.triesLeft - 1), starts: flags.starts === 7 ? 3 : flags.starts + 1 };
}

/** Two candidates as the driver takes them. */
function candidates(a: bigint, b: bigint, refusedA = 0, refusedB = 0): Uint8Array {
  const bytes = Buffer.alloc(18);
  bytes.writeBigUInt64LE(a, 0);
  bytes.writeUInt8(refusedA, 8);
  bytes.writeBigUInt64LE(b, 9);
  bytes.writeUInt8(refusedB, 17);
  return bytes;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

/** A variable with text, as efivarfs gives it. */
function variable(text: string): Buffer {
  return Buffer.concat([Buffer.alloc(4, 6), Buffer.from(text, "utf16le")]);
}
