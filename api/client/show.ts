/** Tables for people: history, differences, explanations, outcomes, events. Each takes the API's answer as it is. */
import { objectOf, objectsIn, textOf, textsIn } from "./answers.ts";
import type { JsonObject } from "./merge.ts";
import { failures } from "./outcome.ts";
import { type Paint, printable, table } from "./terminal.ts";

const SHOWN_KEYS = 4;

export function historyText(generations: unknown, paint: Paint): string {
  const rows = objectsIn(generations).map(({ number, at, author, keys }) => [
    textOf(number),
    timeOf(at),
    printable(authorOf(objectOf(author))),
    printable(few(textsIn(keys))),
  ]);
  return table([["generation", "at", "by", "changed"], ...rows], (cell, column) =>
    column === 0 ? paint.key(cell) : cell,
  );
}

export function diffText(differences: unknown, paint: Paint): string {
  return objectsIn(differences)
    .map(({ key, from, to }) => {
      const name = printable(textOf(key));
      const before = from === undefined ? "" : `${paint.bad(printable(`- ${name} = ${JSON.stringify(from)}`))}\n`;
      return to === undefined ? before : `${before}${paint.good(printable(`+ ${name} = ${JSON.stringify(to)}`))}\n`;
    })
    .join("");
}

export function explainText(explanations: unknown, paint: Paint): string {
  return objectsIn(explanations)
    .map((each) => {
      const source = objectOf(each["source"]);
      const from = `${textOf(source["kind"])} ${textOf(source["detail"])}`.trim();
      const since = `generation ${textOf(source["generation"])}, ${timeOf(source["at"])}, by ${textOf(source["by"])}`;
      const applied = objectsIn(each["lastApply"]).map(
        ({ service, state, number, problem }) =>
          `${textOf(service)} ${textOf(state)} (outcome ${textOf(number)})${problem === undefined ? "" : `: ${textOf(problem)}`}`,
      );
      const rows = [
        ["value", each["value"] === undefined ? "(not set)" : JSON.stringify(each["value"])],
        ...(each["source"] === undefined
          ? []
          : [
              ["from", from],
              ["since", since],
            ]),
        ...optional("default", each["default"]),
        ...optional("generator", each["generator"]),
        ...textsIn(each["services"]).map((name) => ["service", name]),
        ...textsIn(each["files"]).map((path) => ["file", path]),
        ...applied.map((text) => ["applied", text]),
      ].map((row) => ["", ...row.map(printable)]);
      return `${paint.key(printable(textOf(each["key"])))}\n${table(rows)}`;
    })
    .join("");
}

export function outcomeText(outcome: unknown, paint: Paint): string {
  const { number, state, ok, generation, at, durationMs, files, services } = objectOf(outcome);
  const judged = state === "done" ? (ok === true ? paint.good("works") : paint.bad("does not work")) : textOf(state);
  const head = `Outcome ${textOf(number)}: ${judged}\n`;
  if (state !== "done") return head;
  const rows = [
    ["", "generation", `${textOf(generation)}, ${timeOf(at)}, ${textOf(durationMs)} ms`],
    ...objectsIn(files).map((file) => ["", "file", `${textOf(file["path"])} ${textOf(file["state"])}`]),
    ...objectsIn(services).map((service) => ["", "service", `${textOf(service["name"])} ${textOf(service["state"])}`]),
  ];
  const wrong = failures(objectOf(outcome), paint).map((line) => `${line}\n`);
  return `${head}${table(rows.map((row) => row.map(printable)))}${wrong.join("")}`;
}

export function hostContainersText(containers: unknown, paint: Paint): string {
  const rows = objectsIn(containers).map(({ name, phase, source, why }) =>
    [textOf(name), textOf(phase), textOf(source), textOf(why)].map(printable),
  );
  return table([["name", "state", "source", "why"], ...rows], (cell, column) => {
    if (column === 0) return paint.key(cell);
    return column === 1 && cell.trim() === "failing" ? paint.bad(cell) : cell;
  });
}

/** One line. */
export function eventText(event: JsonObject, paint: Paint): string {
  const { kind, generation, author, keys, number, outcome, reverted, reason, unit, result } = event;
  const known: Readonly<Record<string, () => string>> = {
    commit: () => `generation ${textOf(generation)} by ${authorOf(objectOf(author))}: ${few(textsIn(keys))}`,
    confirm: () => `generation ${textOf(generation)}`,
    revert: () => `generation ${textOf(reverted)} is taken back by ${textOf(generation)}: ${textOf(reason)}`,
    "apply-start": () => `outcome ${textOf(number)}`,
    apply: () => `outcome ${textOf(number)} ${objectOf(outcome)["ok"] === true ? "works" : "does not work"}`,
    "unit-failed": () => `${textOf(unit)} (${textOf(result)})`,
  };
  const name = textOf(kind);
  const text = known[name]?.() ?? JSON.stringify(event);
  const bad = name === "unit-failed" || name === "revert" || (name === "apply" && objectOf(outcome)["ok"] !== true);
  return `${(bad ? paint.bad : paint.key)(printable(name.padEnd(11)))}  ${printable(text)}\n`;
}

function authorOf({ source, process, pid, uid, container, message }: JsonObject): string {
  const who = process === undefined ? textOf(source) : `${textOf(process)}[${textOf(pid)}]`;
  const as = uid === undefined ? "" : ` uid ${textOf(uid)}`;
  const where = container === undefined ? "" : ` in ${textOf(container)}`;
  return `${who}${as}${where}${message === undefined ? "" : ` "${textOf(message)}"`}`;
}

function optional(name: string, value: unknown): readonly (readonly string[])[] {
  return value === undefined ? [] : [[name, textOf(value)]];
}

function few(names: readonly string[]): string {
  const more = names.length - SHOWN_KEYS;
  const shown = names
    .slice(0, SHOWN_KEYS)
    .map((name) => name.replace(/^settings\./, ""))
    .join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Without fractions of a second. */
function timeOf(at: unknown): string {
  return textOf(at)
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}
