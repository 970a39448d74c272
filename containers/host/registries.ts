/** Registries that the image itself knows: the one that the machine running a virtual machine offers to it. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { Fault } from "../../base/result.ts";
import type { Mirror } from "../registry/endpoints.ts";

const FILE = "/usr/share/sparkler/registries.json";

const schema = z.strictObject({
  mirrors: z.array(z.strictObject({ registry: z.string(), endpoint: z.array(z.string()) })),
});

/** What the image says; nothing where it has no such file. */
export async function imageRegistries(path: string = FILE): Promise<{ readonly mirrors: readonly Mirror[] }> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return { mirrors: [] };
    throw Fault.from("bad-config", `Cannot read "${path}"`, cause);
  }
}
