/** A plan for people: values, files with their differences, what is run, why a reboot would be needed. */
import { objectOf, objectsIn, textOf, textsIn } from "./answers.ts";
import { type Paint, printable, table } from "./terminal.ts";

export function planText(plan: unknown, paint: Paint): string {
  const { changes, files, services, reboot, hash } = objectOf(plan);
  const rows = objectsIn(changes).map(({ key, kind, from, to }) => {
    const values = kind === "same" ? `${textOf(to)} (as it is)` : `${shown(from)} → ${shown(to)}`;
    return [printable(textOf(key)), textOf(kind), printable(values)];
  });
  const lines = [
    ...section(
      "Settings",
      table(rows, (cell, column) => (column === 0 ? paint.key(cell) : cell)),
    ),
    ...section(
      "Files",
      objectsIn(files)
        .map((file) => fileText(file, paint))
        .join(""),
    ),
    ...section(
      "Services",
      table(
        objectsIn(services).map(({ name, effect, commands }) => [textOf(name), textOf(effect), commandsOf(commands)]),
      ),
    ),
    ...section(
      "Needs a reboot",
      textsIn(reboot)
        .map((why) => `${paint.bad(printable(why))}\n`)
        .join(""),
    ),
    paint.faint(`To do exactly this: --expect ${textOf(hash)}\n`),
  ];
  return lines.join("");
}

function section(title: string, text: string): readonly string[] {
  return text === "" ? [] : [`${title}\n`, text.replace(/^(?=.)/gm, "  "), "\n"];
}

function shown(value: unknown): string {
  return value === undefined ? "(not set)" : JSON.stringify(value);
}

function fileText(file: { readonly [name: string]: unknown }, paint: Paint): string {
  const { path, diff, problem } = file;
  if (problem !== undefined) return `${paint.bad(printable(`${textOf(path)}: ${textOf(problem)}`))}\n`;
  return printable(textOf(diff)).replace(/^([-+]).*$/gm, (line, sign) =>
    sign === "+" ? paint.good(line) : paint.bad(line),
  );
}

function commandsOf(commands: unknown): string {
  return Array.isArray(commands) ? commands.map((argv) => textsIn(argv).join(" ")).join("; ") : "";
}
