/**
 * Programs that run text as code: what an intruder would look for first. Recognised by name, and by strings that the
 * well-known ones carry whatever they are called. A program that is neither goes unnoticed; the list of all executables
 * is there for that.
 */
export type Language = "shell" | "perl" | "python" | "awk" | "lua" | "JavaScript" | "ruby" | "tcl" | "other";

const NAMES: readonly (readonly [Language, RegExp])[] = [
  ["shell", /^(r?ba|da|k|mk|pdk|z|fi|tc|c|ya|a)?sh(\.[a-z]+)?$|^(busybox|toybox)(\..+)?$/],
  ["perl", /^(micro)?perl[0-9.]*$/],
  ["python", /^(python|pypy)[0-9.]*$/],
  ["awk", /^(g|m|n|original-)?awk$/],
  ["lua", /^lua(jit)?[0-9.]*$/],
  ["JavaScript", /^(node|nodejs|bun|deno|qjs)$/],
  ["ruby", /^ruby[0-9.]*$/],
  ["tcl", /^(tclsh|wish|expect)[0-9.]*$/],
  ["other", /^(php|guile|ocaml|gdb|ed|ex|vim?|dc|bc|m4)[0-9.]*$/],
];

/** Strings from inside the programs; JavaScript first, as a runtime of it may know the others' variables. */
const MARKS: readonly (readonly [Language, string])[] = [
  ["JavaScript", "JavaScriptCore"],
  ["JavaScript", "v8::internal"],
  ["shell", "BusyBox v"],
  ["shell", "BASH_VERSINFO"],
  ["perl", "PERL5LIB"],
  ["python", "PYTHONHOME"],
  ["awk", "AWKPATH"],
  ["lua", "LUA_PATH"],
];

/** The language of an interpreter of this name, without folder. */
export function languageByName(name: string): Language | undefined {
  return NAMES.find(([, pattern]) => pattern.test(name))?.[0];
}

/** The language of an interpreter with these bytes. */
export function languageByContent(bytes: Buffer): Language | undefined {
  return MARKS.find(([, mark]) => bytes.includes(mark, 0, "latin1"))?.[0];
}

/** The program that a script's first line asks for, as a path. */
export function scriptProgram(head: Buffer): string | undefined {
  const [, program] = /^#![ \t]*(\S+)/.exec(head.subarray(0, 256).toString("latin1")) ?? [];
  return program;
}
