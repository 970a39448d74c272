import { expect, test } from "bun:test";
import fc from "fast-check";
import { run } from "../../base/run.ts";
import { quoteWord } from "./quote.ts";

test("quoteWord() makes of any words those words again, in a shell", async () => {
  const words = fc.sample(fc.string({ unit: "grapheme" }), 200).filter((word) => !word.includes("\0"));
  const line = [...words, "", "'", "a b", "$HOME", "\n"].map(quoteWord).join(" ");
  const ran = await run(["/bin/sh", "-c", `printf '<%s>' ${line}`]);
  expect(ran.ok ? ran.value.stdout : ran.fault.message).toBe(
    [...words, "", "'", "a b", "$HOME", "\n"].map((word) => `<${word}>`).join(""),
  );
});
