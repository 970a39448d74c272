/** Subcommands that only ask: JSON in a pipe, tables on a terminal. */
import { orThrow } from "../../base/result.ts";
import { jsonOf, objectOf, pretty } from "./answers.ts";
import { type Api, StatusFault } from "./connection.ts";
import { nameHint } from "./name-hint.ts";
import { works } from "./outcome.ts";
import type { Request } from "./requests.ts";
import { diffText, explainText, historyText, hostContainersText, outcomeText } from "./show.ts";
import { planText } from "./show-plan.ts";
import type { Paint, Terminal } from "./terminal.ts";

export type Question = Extract<
  Request,
  { kind: "plan" | "history" | "diff" | "explain" | "outcome" | "host-containers" }
>;
export type Session = { readonly api: Api; readonly terminal: Terminal };

/** Exit code: 0, but 1 for an outcome that does not work. Throws the fault of the request. */
export async function runQuestion(question: Question, session: Session): Promise<number> {
  switch (question.kind) {
    case "plan":
      await ask({ method: "POST", uri: `/plan?tx=${encodeURIComponent(question.tx)}` }, planText, session);
      break;
    case "history":
      await ask({ method: "GET", uri: "/generations" }, historyText, session);
      break;
    case "diff": {
      const to = question.to === undefined ? "" : `?to=${question.to}`;
      await ask({ method: "GET", uri: `/generations/${question.from}/diff${to}` }, diffText, session);
      break;
    }
    case "host-containers":
      await ask({ method: "GET", uri: "/host-containers" }, hostContainersText, session);
      break;
    case "explain":
      return explain(question.keys, session);
    case "outcome": {
      const outcome = await ask({ method: "GET", uri: `/apply/${question.number ?? "latest"}` }, outcomeText, session);
      return works(objectOf(outcome)) ? 0 : 1;
    }
  }
  return 0;
}

type Asked = { readonly method: string; readonly uri: string };

async function ask(call: Asked, text: (answer: unknown, paint: Paint) => string, session: Session): Promise<unknown> {
  const { api, terminal } = session;
  const answer = jsonOf(orThrow(await api(call)));
  terminal.out(terminal.people ? text(answer, terminal.paint) : `${pretty(answer)}\n`);
  return answer;
}

async function explain(keys: readonly string[], session: Session): Promise<number> {
  const { api, terminal } = session;
  const found: unknown[] = [];
  for (const key of keys) {
    const answered = await api({ method: "GET", uri: `/explain?key=${encodeURIComponent(key)}` });
    if (!answered.ok && answered.fault instanceof StatusFault) await nameHint([key], session);
    const explanations = jsonOf(orThrow(answered));
    if (Array.isArray(explanations)) found.push(...(explanations as readonly unknown[]));
  }
  terminal.out(terminal.people ? explainText(found, terminal.paint) : `${pretty(found)}\n`);
  return 0;
}
