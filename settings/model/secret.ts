/** Which settings are secret: themselves, or by the nearest group that says so. */
import { parseKey } from "../key.ts";
import type { AnyDefinition } from "./definition.ts";
import { SETTINGS } from "./describe.ts";
import { anyModel } from "./model.ts";

/** `name` is a full name. A name that the model does not have is not secret. */
export function isSecret(name: string): boolean {
  const key = parseKey(name);
  if (!key.ok || key.value[0] !== SETTINGS) return false;
  let at: AnyDefinition = anyModel;
  let secret = at.secret ?? false;
  for (const segment of key.value.slice(1)) {
    if (at.kind !== "group") return secret;
    const next: AnyDefinition | undefined = Object.hasOwn(at.members, segment) ? at.members[segment] : undefined;
    if (next === undefined) return false;
    at = next;
    secret = at.secret ?? secret;
  }
  return secret;
}
