/**
 * Asking the kernel whether a parameter is as set. systemd-sysctl ignores parameters that the kernel does not have;
 * a setting that is accepted and has no effect must show.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { reason } from "../../base/result.ts";

/** The file of a parameter below /proc/sys, by the rule of sysctl.d(5): the first separator says what a dot means. */
export function sysctlPath(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  if (first !== ".") return key;
  return key.replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}

/** What is wrong with one parameter, or undefined. One that may be written but not read counts as done. */
export async function checkSysctl(root: string, key: string, wanted: string): Promise<string | undefined> {
  let found: string;
  try {
    found = await readFile(join(root, "proc/sys", sysctlPath(key)), "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EACCES" || code === "EPERM") return undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return "the kernel has no such parameter";
    return reason(cause);
  }
  if (sameValue(found, wanted)) return undefined;
  return `the kernel has "${words(found).join(" ").slice(0, 200)}", wanted "${wanted.slice(0, 200)}"`;
}

/** Equal word by word; numbers may be written in any base that the kernel reads. */
export function sameValue(found: string, wanted: string): boolean {
  const [left, right] = [words(found), words(wanted)];
  if (left.length !== right.length) return false;
  return left.every((word, index) => {
    const other = right[index] ?? "";
    return word === other || (numeral(word) !== undefined && numeral(word) === numeral(other));
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function numeral(word: string): bigint | undefined {
  const [, sign, digits] = /^([-+]?)(0x[0-9a-f]+|\d+)$/i.exec(word) ?? [];
  if (digits === undefined) return undefined;
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  return (sign === "-" ? -1n : 1n) * BigInt(octal);
}
