/**
 * Which files of the unpacked Debian packages go into the root: those that the definitions name, and the libraries
 * that those need (ELF NEEDED entries, followed to the end). Pure but for listing; the answer is a list of copies.
 */
import { Glob } from "bun";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { PackageDefinition } from "../definitions.ts";

export type SelectFault = "file-missing";

/** Every file and link of one unpacked Debian package, by path without leading slash. */
export type UnpackedPackage = {
  readonly name: string;
  readonly version: string;
  readonly root: string;
  readonly paths: readonly string[];
};

export type Selected = {
  readonly path: string;
  /** The Debian package it is from, and the definition that brings it (`libraries` when it came by need). */
  readonly debian: string;
  readonly definition: string;
  readonly root: string;
};

/** Never in a root, whatever a definition's glob matches: shells, interpreters, package managers. */
const REFUSED = /(^|\/)(ba|da|k|z|c|tc|fi)?sh$|(^|\/)(perl|python|apt|dpkg|busybox|awk|mawk)[^/]*$/;

/** The files named by the definitions. A glob that matches nothing is a problem, and so is a refused program. */
export function selectFiles(
  definitions: readonly PackageDefinition[],
  unpacked: readonly UnpackedPackage[],
): Result<readonly Selected[], SelectFault> {
  const problems: string[] = [];
  const selected = definitions.flatMap((definition) =>
    Object.entries(definition.files).flatMap(([debian, globs]) => {
      const name = new Glob(debian);
      const sources = unpacked.filter((each) => name.match(each.name));
      return globs.flatMap((text) => {
        const glob = new Glob(text);
        const found = sources.flatMap((source) =>
          source.paths
            .filter((path) => glob.match(path))
            .map((path) => ({ path, debian: source.name, definition: definition.name, root: source.root })),
        );
        if (found.length === 0) problems.push(`${definition.name}: no file "${text}" in Debian's "${debian}"`);
        return found;
      });
    }),
  );
  problems.push(
    ...selected
      .filter((each) => REFUSED.test(each.path))
      .map((each) => `${each.definition}: "${each.path}" must not be in a root`),
  );
  return problems.length === 0 ? ok(selected) : fail(new Fault("file-missing", problems.join("\n")));
}

/** Where a library is found by the loader's default path. */
const LIBRARY_FOLDERS = ["usr/lib/x86_64-linux-gnu", "usr/lib", "usr/lib64", "usr/lib/x86_64-linux-gnu/systemd"];

/** Finds the file that stands for a NEEDED name, the package that has it included. */
export function findLibrary(name: string, unpacked: readonly UnpackedPackage[]): Selected | undefined {
  for (const folder of LIBRARY_FOLDERS) {
    const path = `${folder}/${name}`;
    const source = unpacked.find((each) => each.paths.includes(path));
    if (source !== undefined) return { path, debian: source.name, definition: "libraries", root: source.root };
  }
  return undefined;
}
