/** For the tests here: a small staged root, and its report. */
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Content, Owner } from "./content.ts";
import { makeReport, type Report } from "./report.ts";

const UNITS = "usr/lib/systemd/system";

/** A minimal ELF header with `text` after it. */
export function elf(text = ""): Buffer {
  return Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]), Buffer.alloc(58), Buffer.from(text)]);
}

type Made = readonly [path: string, bytes: Buffer | string, mode?: number];

const FILES: readonly Made[] = [
  ["usr/bin/tool", elf(), 0o755],
  ["usr/bin/hidden", elf("BASH_VERSINFO"), 0o755],
  ["usr/bin/perl5.40", elf(), 0o755],
  ["usr/bin/wrapper", "#! /usr/bin/python3 -I\n", 0o755],
  ["usr/bin/raised", elf(), 0o4755],
  ["usr/lib/libx.so.1", elf(), 0o644],
  ["usr/share/data", "x".repeat(4000), 0o755],
  ["usr/lib/modules/6.12/kernel/a.ko", elf("module"), 0o644],
  [`${UNITS}/a.service`, "[Service]\nExecStart=/usr/bin/tool\n"],
  [`${UNITS}/a.socket`, "[Socket]\nListenStream=/run/a.sock\nListenStream=22\nListenDatagram=[::1]:323\n"],
  [`${UNITS}/a.socket.d/more.conf`, "[Socket]\nListenStream=127.0.0.1:8080\n"],
  [`${UNITS}/a.service.d/more.conf`, "[Service]\nListenStream=1\n"],
];

export const sampleOwners: ReadonlyMap<string, Owner> = new Map([
  ["usr/bin/tool", { definition: "tools", debian: "tool", version: "1.0-1" }],
  ["usr/share/data", { definition: "tools", debian: "tool-data", version: "1.0-1" }],
  [`${UNITS}/a.socket`, { definition: "release" }],
]);

/** Runs `work` with the folder of a staged root, which is gone afterwards. */
export async function inSampleTree<T>(work: (tree: string) => Promise<T>): Promise<T> {
  const tree = await mkdtemp(join(tmpdir(), "content-"));
  try {
    for (const [path, bytes, mode] of FILES) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), bytes);
      await chmod(join(tree, path), mode ?? 0o644);
    }
    await symlink("tool", join(tree, "usr/bin/sh"));
    await symlink("libx.so.1", join(tree, "usr/lib/libx.so"));
    return await work(tree);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/** A report of files made up from `[path, definition, bytes]`. */
export function reportOf(files: readonly (readonly [path: string, definition: string, bytes: number])[]): Report {
  const content: Content = {
    files: files.map(([path, definition, bytes]) => ({
      path,
      kind: "file",
      bytes,
      mode: 0o755,
      owner: { definition, debian: `lib${definition}`, version: "1" },
      executable: path.startsWith("usr/bin/") ? "elf" : undefined,
    })),
    interpreters: [],
    units: [],
    ports: [],
    modules: { count: 0, bytes: 0 },
  };
  const images = [{ name: "root", bytes: 1000, compressed: 500 }];
  return makeReport({ name: "sparkler-qemu-dev", version: "0.1.0", commit: "abc", images, content });
}
