/** The Debian mirror of this checkout: given once with `--mirror`, remembered outside of git. */
import { readFile } from "node:fs/promises";
import { writeFileDurable } from "../../base/durable.ts";
import { mirrorFile } from "./folders.ts";

/** Remembers `given` where there is one; the mirror that was given last, or undefined for that of apt. */
export async function chooseMirror(given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) {
    await writeFileDurable(mirrorFile, `${given}\n`, { parents: true });
    return given;
  }
  const text = await readFile(mirrorFile, "utf8").catch(() => ""); // none was given
  return text.trim() === "" ? undefined : text.trim();
}
