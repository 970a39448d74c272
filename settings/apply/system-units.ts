/** Units of the real machine, through systemctl(1) and journalctl(1). */
import { ok } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { SYSTEMCTL } from "../services/table.ts";
import type { UnitManager, UnitState } from "./units.ts";

const JOURNALCTL = "/usr/bin/journalctl";
const TIMEOUT_MS = 15_000;
/** Lines of a failed unit that are kept with the outcome: the reason is nearly always among them. */
const LINES = 15;
/** Characters of such a line. */
const LINE_LENGTH = 400;

export const systemUnits: UnitManager = {
  async states(units) {
    const words = ["show", "--property=Id,ActiveState,SubState,NRestarts", "--", ...units];
    const ran = await run([SYSTEMCTL, ...words], { timeoutMs: TIMEOUT_MS, maxOutput: 64 * 1024 });
    return ran.ok ? ok(readStates(ran.value.stdout)) : ran;
  },
  async lastLines(unit) {
    const words = ["--unit", unit, "--lines", String(LINES), "--output=cat", "--no-pager", "--boot"];
    const ran = await run([JOURNALCTL, ...words], { timeoutMs: TIMEOUT_MS, maxOutput: 64 * 1024 });
    if (!ran.ok) return [];
    const lines = ran.value.stdout.split("\n").filter((line) => line !== "");
    return lines.slice(-LINES).map((line) => line.slice(0, LINE_LENGTH));
  },
};

/** One paragraph of `Name=value` lines per unit. */
export function readStates(text: string): readonly UnitState[] {
  return text.split("\n\n").flatMap((paragraph) => {
    const found = new Map(paragraph.split("\n").map((line) => splitOnce(line)));
    const unit = found.get("Id") ?? "";
    if (unit === "") return [];
    const restarts = Number(found.get("NRestarts") ?? 0);
    return [{ unit, active: found.get("ActiveState") ?? "", sub: found.get("SubState") ?? "", restarts }];
  });
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf("=");
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}
