/** Everything that is wrong with one table or plan, each with the path of the field it is about. */
import { Fault } from "../../base/result.ts";

export type Problem = { readonly path: string; readonly message: string };

/** One fault that names every problem: `Cannot ACTION: path: message; path: message`. */
export function faultOf<Code extends string>(code: Code, action: string, problems: readonly Problem[]): Fault<Code> {
  const all = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return new Fault(code, `Cannot ${action}: ${all}`, { problems: problems.length });
}
