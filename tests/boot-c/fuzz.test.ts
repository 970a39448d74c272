/** Every parser of boot/formats under libFuzzer, for a bounded time, from a corpus made here. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { run } from "../../base/run.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { FRESH_FLAGS, NO_FLAGS, withBootFlags } from "../../disk/gpt/attributes.ts";
import { encodeTable } from "../../disk/gpt/encoding.ts";
import { guid } from "../../disk/gpt/guid.ts";
import type { Table } from "../../disk/gpt/table.ts";
import { anyTable } from "../../disk/gpt/testing.ts";
import { PARTITION_TYPES } from "../../disk/set/types.ts";
import { orThrow } from "../../base/result.ts";
import { compileFuzzer, openFolder } from "./compile.ts";

type Folder = Awaited<ReturnType<typeof openFolder>>;

let folder: Folder;

beforeAll(async () => {
  folder = await openFolder();
}, 600_000);
afterAll(() => folder[Symbol.asyncDispose]());

const GUID = "6b636168-7420-6568-2070-6c616e657421";
const SECONDS = 2;

/** Valid inputs of each target: from them the fuzzer finds its way behind the first checks. */
const corpora: Readonly<Record<string, () => readonly (Uint8Array | string)[]>> = {
  arguments: () => [
    `quiet sparkler.roothash=${"a".repeat(64)} sparkler.salt=${"00".repeat(32)} sparkler.blocks=12 sparkler.watchdog=60`,
    `x="a b" sparkler.blocks=1 sparkler.salt=0f sparkler.roothash=${"0".repeat(64)} -- sparkler.blocks=2\n`,
  ],
  checksum: () => ["0123abcd 12345678\n", "00000000 1\n", "ffffffff 536870912\n"],
  choice: () => [candidates(FRESH_FLAGS, NO_FLAGS), candidates(FRESH_FLAGS, { ...FRESH_FLAGS, starts: 7 })],
  gpt: () => [
    ...fc.sample(anyTable, 8).map(disk),
    disk(smallOsTable),
    Buffer.concat([Buffer.of(2), disk(smallOsTable).subarray(1)]),
  ],
  guid: () => [GUID, Buffer.concat([Buffer.alloc(4, 6), Buffer.from(`${GUID}\0`, "utf16le")])],
  modules: () => ["/modules/a.ko\n# b\n\n/modules/../c.ko\n", "/modules/virtio_blk.ko"],
  uevent: () => [
    "MAJOR=254\nMINOR=3\nDEVNAME=vda3\nDEVTYPE=partition\nDISKSEQ=1\nPARTN=3\nPARTNAME=x\n",
    "MAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\n",
  ],
};

test.each(Object.keys(corpora))(
  "nothing is found in %s",
  async (target) => {
    const corpus = join(folder.work, "corpus", target);
    await mkdir(corpus);
    for (const [at, each] of (corpora[target]?.() ?? []).entries()) await writeFile(join(corpus, String(at)), each);
    await compileFuzzer(folder, target);
    const limits = [
      `-max_total_time=${SECONDS}`,
      "-max_len=80000",
      "-timeout=20",
      "-rss_limit_mb=2048",
      "-verbosity=1",
    ];
    const stderr = await fuzz(target, limits);
    const runs = Number(/^Done (\d+) runs in/m.exec(stderr)?.[1] ?? 0);
    expect(runs).toBeGreaterThan(50);
  },
  180_000,
);

/** Runs a fuzzer; throws with what it found, which stands at the beginning of its words. */
async function fuzz(target: string, limits: readonly string[]): Promise<string> {
  let said = "";
  const ran = await run(
    sandboxArgv({
      root: folder.root,
      binds: [{ from: folder.work, to: "/work", write: true }],
      argv: [`/work/fuzz-${target}`, ...limits, `/work/corpus/${target}`],
      cwd: "/work",
    }),
    { onStderr: (text) => void (said += text) },
  );
  if (ran.ok) return said;
  const found = said.split("\n").filter((line) => /does not hold|ERROR|SUMMARY|runtime error|Test unit/.test(line));
  throw new Error(`${target}: ${found.join("\n")}`);
}

function candidates(a: typeof FRESH_FLAGS, b: typeof FRESH_FLAGS): Uint8Array {
  const bytes = Buffer.alloc(18);
  bytes.writeBigUInt64LE(withBootFlags(0n, a), 0);
  bytes.writeBigUInt64LE(withBootFlags(0n, b), 9);
  return bytes;
}

/** A disk with this table, behind the byte that says how to take it. */
function disk(table: Table): Buffer {
  const encoded = orThrow(encodeTable(table));
  const bytes = Buffer.alloc(Number(table.backupLba + 1n) * table.sectorSize);
  bytes.set(encoded.primary, 0);
  bytes.set(encoded.backup, encoded.backupOffset);
  return Buffer.concat([Buffer.of(table.sectorSize === 4096 ? 1 : 0), bytes]);
}

/** A set of one sector for each partition. */
const smallOsTable: Table = {
  sectorSize: 512,
  diskGuid: guid("11111111-2222-4333-8444-555555555555"),
  firstUsableLba: 34n,
  lastUsableLba: 40n,
  backupLba: 73n,
  partitions: (["boot", "root", "hash"] as const).map((kind, at) => ({
    number: at + 1,
    type: PARTITION_TYPES[kind],
    guid: guid(`00000000-0000-4000-8000-00000000000${at}`),
    firstLba: BigInt(34 + at),
    lastLba: BigInt(34 + at),
    attributes: kind === "boot" ? withBootFlags(0n, FRESH_FLAGS) : 0n,
    name: kind,
  })),
};
