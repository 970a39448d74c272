/** The initramfs: init, the modules it loads in their order, and the folders and console that it starts with. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { CONSOLE_MODE, type CpioEntry, encodeCpio, FILE_MODE, FOLDER_MODE, PROGRAM_MODE } from "./cpio.ts";

/** `init` and `modules` are paths below `work`; modules are loaded in the order given. */
export async function makeInitramfs(work: string, init: string, modules: readonly string[]): Promise<Uint8Array> {
  const folders = ["dev", "etc", "proc", "run", "sys", "sysroot", "modules"];
  const loaded = modules.map((path) => `/modules/${basename(path)}`);
  const entries: CpioEntry[] = [
    ...folders.map((path) => ({ path, mode: FOLDER_MODE })),
    { path: "dev/console", mode: CONSOLE_MODE, device: [5, 1] },
    { path: "etc/modules", mode: FILE_MODE, content: Buffer.from(`${loaded.join("\n")}\n`) },
    { path: "init", mode: PROGRAM_MODE, content: await readFile(join(work, init)) },
  ];
  for (const path of modules) {
    entries.push({ path: `modules/${basename(path)}`, mode: FILE_MODE, content: await readFile(join(work, path)) });
  }
  return encodeCpio(entries);
}
