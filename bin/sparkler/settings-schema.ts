/** `sparkler settings schema`: what editors complete and check user data with. */
import { stringOption } from "../../base/command.ts";
import { documentSchema } from "../../settings/schema/settings-schema.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { variantOption, variantProblems } from "./options.ts";

export const command: OperatorCommand = {
  summary: "Print the JSON Schema (2020-12) of user data.",
  options: {
    variant: { ...variantOption, summary: "Variant whose settings are described (default: those of any)" },
  },
  help: `An editor that knows TOML takes it from a first line in the document:

  sparkler settings schema > settings.schema.json
  #:schema ./settings.schema.json`,
  problems: variantProblems,
  run({ options }) {
    process.stdout.write(`${JSON.stringify(documentSchema(stringOption(options, "variant")), undefined, 2)}\n`);
    return Promise.resolve(0);
  },
};
