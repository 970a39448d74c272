/** For the tests here: the components of the repository's own locks. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { orThrow } from "../../base/result.ts";
import { parseLock } from "../debian/lock.ts";
import { type Component, debianComponents, npmComponents } from "./components.ts";

const inRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export async function readNpmLock(): Promise<string> {
  return readFile(inRepository("package-lock.json"), "utf8");
}

/** All sets of the lock, and the npm packages that are compiled in. */
export async function realComponents(): Promise<readonly Component[]> {
  const lock = orThrow(parseLock(await readFile(inRepository("os/packages.lock.json"), "utf8")));
  const packages = new Map(Object.values(lock.sets).flatMap((set) => set.map((each) => [each.name, each] as const)));
  return [...debianComponents([...packages.values()]), ...orThrow(npmComponents(await readNpmLock()))];
}
