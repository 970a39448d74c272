/**
 * A host name that stays the same for the life of a machine: made from its machine-id(5), which is not to be shown and
 * so only goes in through a keyed hash.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault, fail, ok } from "../../base/result.ts";
import type { Generator } from "./generator.ts";

const NAME_DIGITS = 12;

export const hostname: Generator = async ({ root }) => {
  const path = join(root, "etc/machine-id");
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
      return ok({ kind: "none", why: "there is no machine-id" });
    }
    return fail(Fault.from("generator-failed", `Cannot read "${path}"`, cause));
  }
  if (text === "" || text === "uninitialized") return ok({ kind: "none", why: "the machine-id is not set yet" });
  if (!/^[0-9a-f]{32}$/.test(text)) {
    return fail(new Fault("generator-failed", `Cannot read "${path}": wanted 32 hexadecimal digits`));
  }
  const digest = new Bun.CryptoHasher("sha256", "sparkler: host name").update(text).digest("hex");
  return ok({ kind: "value", value: `sparkler-${digest.slice(0, NAME_DIGITS)}` });
};
