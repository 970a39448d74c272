/** `sparkler settings check`: settings judged here as a machine would judge them, without one. */
import { readFile } from "node:fs/promises";
import { stringOption } from "../../base/command.ts";
import { fail, Fault, ok, type Result } from "../../base/result.ts";
import { checkSettings, type PlacedProblem } from "../../settings/check/check.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { jsonOption, variantOption, variantProblems } from "./options.ts";

type Checked = { readonly file: string; readonly ok: boolean; readonly problems: readonly PlacedProblem[] };

export const command: OperatorCommand = {
  summary: "Check settings or user data, in TOML or JSON, with the code that a machine has. Nothing is sent anywhere.",
  operands: "FILE…",
  minArgs: 1,
  options: {
    variant: { ...variantOption, summary: "Variant that they are for (default: any that has the setting)" },
    json: jsonOption,
  },
  help: `FILE "-" is standard input. Exit status: 0 nothing wrong, 1 problems or not readable, 2 used wrongly.

  sparkler settings check user-data.toml
  sparkler settings check --json - < settings.json`,
  problems: variantProblems,
  async run({ options, args }) {
    const variant = stringOption(options, "variant");
    const checked: Checked[] = [];
    let readable = true;
    for (const file of args) {
      const bytes = await read(file);
      if (bytes.ok) {
        const problems = await checkSettings(bytes.value, { variant });
        checked.push({ file, ok: problems.length === 0, problems });
      } else {
        readable = false;
        process.stderr.write(`sparkler settings check: ${bytes.fault.message}\n`);
      }
    }
    process.stdout.write(options["json"] === true ? `${JSON.stringify(checked, undefined, 2)}\n` : describe(checked));
    return readable && checked.every((each) => each.ok) ? 0 : 1;
  },
};

async function read(file: string): Promise<Result<Uint8Array, "unreadable">> {
  try {
    return ok(file === "-" ? await Bun.stdin.bytes() : await readFile(file));
  } catch (cause) {
    return fail(Fault.from("unreadable", `Cannot read "${file}"`, cause));
  }
}

/** A line for each problem, in the form that editors and terminals make a link of. */
function describe(checked: readonly Checked[]): string {
  const lines = checked.flatMap(({ file, problems }) => {
    if (problems.length === 0) return [`${file}: nothing wrong`];
    return problems.map(({ line, column, path, message }) => `${file}:${line}:${column}: ${path}: ${message}`);
  });
  return lines.map((line) => `${line}\n`).join("");
}
