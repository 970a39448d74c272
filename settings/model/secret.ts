/** Which settings are secret: themselves, or by the nearest group that says so. */
import { parseKey } from "../key.ts";
import { isTree, type SettingValue, type Tree } from "../tree.ts";
import { lookUp, SETTINGS } from "./look-up.ts";

/** What stands in place of a secret value, in everything but the settings themselves. */
export const REDACTED = "[redacted]";

/** `name` is a full name. A name that the model does not have is not secret. */
export function isSecret(name: string): boolean {
  const key = parseKey(name);
  return key.ok && (lookUp(key.value)?.secret ?? false);
}

/** The same nested settings (without the outer `settings`), each secret value replaced by `REDACTED`. */
export function redact(settings: Tree): Tree {
  return redactBelow([SETTINGS], settings);
}

function redactBelow(at: readonly string[], tree: Tree): Tree {
  const shown: { [member: string]: SettingValue | Tree } = {};
  Object.setPrototypeOf(shown, null);
  for (const [name, value] of Object.entries(tree)) {
    const segments = [...at, name];
    if (isSubtree(value)) shown[name] = redactBelow(segments, value);
    else shown[name] = lookUp(segments)?.secret === true ? REDACTED : value;
  }
  return shown;
}

function isSubtree(value: SettingValue | Tree): value is Tree {
  return isTree(value);
}
