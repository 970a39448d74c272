import { expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../base/command.ts";
import { silentLog } from "../../base/log.ts";
import { command } from "./kernel-lockdown.ts";

test.each([
  ["none", "[none] integrity confidentiality\n", 0, undefined],
  ["integrity", "[none] integrity confidentiality\n", 0, "integrity"],
  ["integrity", "none [integrity] confidentiality\n", 0, undefined],
  ["none", "none [integrity] confidentiality\n", 0, undefined],
  ["integrity", "none integrity [confidentiality]\n", 0, undefined],
  ["x", "[none] integrity confidentiality\n", 1, undefined],
  ["integrity", "something else\n", 1, undefined],
])("kernel-lockdown with %j wanted and the kernel at %j", async (wanted, present, status, written) => {
  const root = await mkdtemp(join(tmpdir(), "kernel-lockdown-"));
  const file = join(root, "sys/kernel/security/lockdown");
  try {
    for (const folder of ["etc/sparkler", "sys/kernel/security"]) await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, "etc/sparkler/lockdown"), `${wanted}\n`);
    await writeFile(file, present);
    expect(await runCommand(command, ["--root", root], silentLog)).toBe(status);
    expect(await readFile(file, "utf8")).toBe(written ?? present);
  } finally {
    await rm(root, { recursive: true });
  }
});
