/** Making staged edits a generation: refused where there are none, or where the whole would outgrow the store. */
import { Fault } from "../../base/result.ts";
import { refuse, SettingsFault, type SettingsResult } from "../fault.ts";
import type { CommitAuthor } from "./generation.ts";
import type { Edit, Store } from "./store.ts";

const MAX_NAMES = 8192;
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MAX_MESSAGE = 1000;

export type CommitFault = "nothing-pending" | "invalid-settings" | "store-failed";

export function commitEdits(
  store: Store,
  edits: ReadonlyMap<string, Edit>,
  who: CommitAuthor,
  at: Date,
): SettingsResult<string[], CommitFault> {
  if (edits.size === 0) return refuse("nothing-pending", "Cannot commit: nothing is pending");
  const tooMuch = outgrows(store, edits);
  if (tooMuch !== undefined) {
    return refuse("invalid-settings", "Cannot commit", [{ path: "settings", message: tooMuch }]);
  }
  const author = who.message === undefined ? who : { ...who, message: who.message.slice(0, MAX_MESSAGE) };
  try {
    store.commit(edits, author, at);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { ok: false, fault: new SettingsFault("store-failed", thrown.message, [], thrown) };
  }
  return { ok: true, value: [...edits.keys()].sort() };
}

function outgrows(store: Store, edits: ReadonlyMap<string, Edit>): string | undefined {
  const whole = new Map<string, Pick<Edit, "value">>([...store.live, ...edits]);
  if (whole.size > MAX_NAMES) return `would hold ${whole.size} values, wanted ${MAX_NAMES} at most`;
  let size = 0;
  for (const [name, { value }] of whole) size += name.length + JSON.stringify(value).length;
  return size > MAX_CHARACTERS ? `would hold ${size} characters, wanted ${MAX_CHARACTERS} at most` : undefined;
}
