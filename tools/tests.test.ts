import { expect, test } from "bun:test";
import { failuresIn } from "./tests.ts";

const OUTPUT = `x.test.ts:
(pass) one
noise 1
noise 2
error: two is not three
(fail) two [3 ms]
(pass) three

 2 pass
 1 fail
`;

test("failuresIn() gives each failure with what came before it", () => {
  expect(failuresIn(OUTPUT)).toBe("noise 1\nnoise 2\nerror: two is not three\n(fail) two [3 ms]");
  expect(failuresIn(OUTPUT, 1)).toBe("error: two is not three\n(fail) two [3 ms]");
});

test("failuresIn() gives the end of what failed before it came to a test", () => {
  expect(failuresIn("a\nerror: Cannot find module\n", 1)).toBe("error: Cannot find module");
});
