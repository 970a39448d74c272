/** `sparkler settings schema`: what editors complete and check user data with. */
import { documentSchema } from "../../settings/schema/settings-schema.ts";
import type { OperatorCommand } from "./operator-command.ts";

export const command: OperatorCommand = {
  summary: "Print the JSON Schema (2020-12) of user data.",
  options: {},
  help: `An editor that knows TOML takes it from a first line in the document:

  sparkler settings schema > settings.schema.json
  #:schema ./settings.schema.json`,
  run() {
    process.stdout.write(`${JSON.stringify(documentSchema(), undefined, 2)}\n`);
    return Promise.resolve(0);
  },
};
