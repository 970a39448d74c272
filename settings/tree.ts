/**
 * Nested settings as they travel in JSON, beside their flat form. Trees made here have no prototype, so that a map
 * key such as `__proto__` is data like any other.
 */

export type Scalar = string | number | boolean;
/** What one key holds: a scalar or a list that is stored whole. Objects stand only inside of lists. */
export type SettingValue = Scalar | readonly ListItem[];
export type ListItem = SettingValue | { readonly [member: string]: SettingValue };
export type Tree = { readonly [member: string]: SettingValue | Tree };
type Growing = { [member: string]: SettingValue | Tree | Growing };

/** True for what a JSON object becomes: not null, not a list, not an object with a class such as a date of TOML. */
export function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Builds the nested form of pairs of segments and value; segments never stop at another pair's value. */
export function treeOf(pairs: Iterable<readonly [readonly string[], SettingValue | Tree]>): Tree {
  const root = emptyTree();
  for (const [segments, value] of pairs) {
    let at = root;
    for (const segment of segments.slice(0, -1)) {
      const below = at[segment];
      if (isGrowing(below)) {
        at = below;
      } else {
        const made = emptyTree();
        at[segment] = made;
        at = made;
      }
    }
    const last = segments.at(-1);
    if (last !== undefined) at[last] = value;
  }
  return root;
}

function emptyTree(): Growing {
  const tree: Growing = {};
  Object.setPrototypeOf(tree, null);
  return tree;
}

function isGrowing(value: SettingValue | Tree | Growing | undefined): value is Growing {
  return isTree(value);
}
