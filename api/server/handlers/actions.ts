/** `/actions/…`: what the machine does as a whole. */
import { Fault } from "../../../base/result.ts";
import { done, type Handler } from "../answer.ts";

export const reboot: Handler = async (_call, context) => {
  context.log.info("A reboot is asked for");
  const asked = await context.reboot();
  if (!asked.ok) throw Fault.from("action-failed", "Cannot reboot", asked.fault);
  return done;
};
