/** Values and tables in TOML 1.0. */
import { refuse, string } from "./refusal.ts";

/** The path of a table and its members; those that are null or undefined are left out. */
export type Table = readonly [path: readonly string[], members: Readonly<Record<string, unknown>>];

/** A value in TOML. JSON's texts are TOML's but for one character that TOML wants escaped. */
export function tomlOf(value: unknown): string {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isSafeInteger(value))) return String(value);
  if (Array.isArray(value)) return `[${value.map(tomlOf).join(", ")}]`;
  const text = string(value, "a text, a whole number, true or false");
  return text.isWellFormed() ? JSON.stringify(text).replaceAll("\u007f", "\\u007f") : refuse(text, "text in UTF-8");
}

/** Tables one after the other, a blank line in front of each. */
export function tomlTables(tables: readonly Table[]): string {
  return tables
    .map(([path, members]) => {
      const lines = Object.entries(members).flatMap(([name, value]) =>
        value === null || value === undefined ? [] : [`${tomlOf(name)} = ${tomlOf(value)}`],
      );
      return `\n[${path.map(tomlOf).join(".")}]\n${lines.map((line) => `${line}\n`).join("")}`;
    })
    .join("");
}
