/**
 * The victim of the crash test: commits for ever, every value of a generation being the same number, and says each number
 * once its commit has returned. Called with the store's folder.
 */
import { writeSync } from "node:fs";
import { silentLog } from "../../base/log.ts";
import { ok } from "../../base/result.ts";
import { openEngine, storePath } from "../engine.ts";
import { testOs } from "../testing.ts";

const engine = await openEngine({
  storePath: storePath(process.argv[2] ?? "", testOs.version_id),
  version: testOs.version_id,
  log: silentLog,
  serviceRunner: () => Promise.resolve(ok({})),
  os: testOs,
});
for (let number = engine.generation() + 1; ; number++) {
  const value = String(number);
  const sysctl = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`a.b${index}`, value]));
  engine.patch("t", { motd: value, ntp: { options: [value] }, kernel: { sysctl } });
  const done = await engine.commit("t", { source: "test", message: value });
  if (!done.ok) throw done.fault;
  writeSync(1, `${value}\n`);
}
