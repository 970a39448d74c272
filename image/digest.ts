/** The SHA-256 of files. */
import { createHash } from "node:crypto";

/** In hexadecimal digits, of a file that may be large. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of Bun.file(path).stream()) hash.update(piece);
  return hash.digest("hex");
}
