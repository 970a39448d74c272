/**
 * Records the model of settings as this version is released with it: `settings/migrations/released/VERSION.json`. To be
 * run (again) until the version is released; from then on its file stays, and changes of the model need migrations.
 */
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { writeFileDurable } from "../base/durable.ts";
import { snapshotOf } from "../settings/migrations/released.ts";
import { anyModel } from "../settings/model/model.ts";
import { root } from "./tests.ts";

const path = join(root, "settings/migrations/released", `${packageJson.version}.json`);
const snapshot = snapshotOf(anyModel, packageJson.version);
await writeFileDurable(path, `${JSON.stringify(snapshot, null, 2)}\n`, { parents: true });
process.stdout.write(`${path}: ${Object.keys(snapshot.settings).length} settings\n`);
