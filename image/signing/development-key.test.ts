import { expect, test } from "bun:test";
import { createPrivateKey, createPublicKey, createHash, sign, verify } from "node:crypto";
import { developmentKey } from "./development-key.ts";

test("developmentKey() is one and the same RSA key of 2048 bits everywhere", () => {
  const key = createPrivateKey(developmentKey());
  const publicKey = createPublicKey(key);
  expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n });
  const text = Buffer.from("signed");
  expect(verify("sha256", text, publicKey, sign("sha256", text, key))).toBe(true);
  const sum = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  expect(sum).toBe("f3dd450a639d6aa439a41a6e80c6f00b50fcffc75f856accf9e08f758acd7611");
}, 60_000);
