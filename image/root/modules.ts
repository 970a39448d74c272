/**
 * Kernel modules: from the names a definition wants to the files to copy, dependencies included, in loading order.
 * Reads `modules.dep` as depmod(8) writes it: `PATH: DEPENDENCY…`, the farthest dependency last.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type ModuleFault = "module-missing";

/** Paths below the modules' folder, each after what it depends on, each once. `builtin` names need no file. */
export function orderModules(
  dependencies: string,
  builtin: string,
  wanted: readonly string[],
): Result<readonly string[], ModuleFault> {
  const lines = dependencies.split("\n").filter((line) => line.includes(":"));
  const table = new Map(
    lines.map((line) => {
      const [path = "", rest = ""] = line.split(":");
      return [
        moduleName(path),
        {
          path,
          before: rest
            .trim()
            .split(/\s+/)
            .filter((each) => each !== ""),
        },
      ] as const;
    }),
  );
  const inKernel = new Set(builtin.split("\n").map(moduleName));
  const problems: string[] = [];
  const order = wanted.flatMap((name) => {
    const found = table.get(moduleName(name));
    if (found !== undefined) return [...found.before.toReversed(), found.path];
    if (!inKernel.has(moduleName(name))) problems.push(name);
    return [];
  });
  if (problems.length === 0) return ok([...new Set(order)]);
  return fail(new Fault("module-missing", `Cannot find the kernel modules ${problems.join(", ")}`));
}

/** A module's name, from a path or a name: dashes and underscores are the same to the kernel. */
export function moduleName(path: string): string {
  return (path.split("/").at(-1) ?? "").replace(/\.ko(\.[a-z]+)?$/, "").replaceAll("-", "_");
}
