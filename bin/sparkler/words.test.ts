import { expect, test } from "bun:test";
import type { OperatorCommand } from "./operator-command.ts";
import { readWords } from "./words.ts";

const command: OperatorCommand = {
  summary: "",
  operands: "FILE",
  minArgs: 1,
  maxArgs: 1,
  options: {
    name: { type: "string", value: "NAME", summary: "" },
    follow: { type: "boolean", short: "f", summary: "" },
  },
  problems: (values) => (values["name"] === "bad" ? ["The name is bad"] : []),
  run: () => Promise.resolve(0),
};

test("readWords() reads options wherever they stand, operands, and help", () => {
  const words = readWords(command, ["-f", "file", "--name=x", "--help"]);
  expect(words).toEqual({ values: { follow: true, name: "x", help: true }, args: ["file"], help: true, problems: [] });
});

test("readWords() takes what follows -- as operands", () => {
  expect(readWords(command, ["--", "--name"]).args).toEqual(["--name"]);
});

test("readWords() tells every problem at once", () => {
  expect(readWords(command, ["--nam", "a", "b", "--follow=1", "--name", "bad", "--name", "x"]).problems).toEqual([
    'No option "--nam"; did you mean "--name"?',
    'Option "--follow" takes no value',
    'Option "--name" is given twice',
    "Too many operands: b",
    "The name is bad",
  ]);
});

test("readWords() does not take an option for a value, unless it is joined to its name", () => {
  expect(readWords(command, ["file", "--name", "--follow"]).problems[0]).toBe('Option "--name" needs a value: NAME');
  expect(readWords(command, ["file", "--name=--follow"]).values["name"]).toBe("--follow");
});

test("readWords() misses operands", () => {
  expect(readWords(command, []).problems).toEqual(["Missing: FILE"]);
});
