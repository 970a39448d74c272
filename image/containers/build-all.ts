/** All container images of the project, or those that are named; another lock is made where a package is gone. */
import type { Progress } from "../../base/progress.ts";
import { Fault, orThrow } from "../../base/result.ts";
import { withLock } from "../lock-packages.ts";
import { type BuiltContainer, buildContainer, containersFolder, findContainer } from "./build.ts";
import { containerNames, readContainer } from "./definition.ts";

export type BuildContainersOptions = {
  /** None means every image there is. */
  readonly names?: readonly string[] | undefined;
  readonly mirrorUrl?: string | undefined;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
};

/** Builds where something changed. Throws `Fault("no-such-container")` with the names there are. */
export async function buildContainers(options: BuildContainersOptions): Promise<readonly BuiltContainer[]> {
  const { mirrorUrl, signal, progress } = options;
  const there = await imageNames();
  const names = options.names === undefined || options.names.length === 0 ? there : options.names;
  const unknown = names.find((name) => !there.includes(name));
  if (unknown !== undefined) {
    throw new Fault(
      "no-such-container",
      `Cannot build the container image "${unknown}": there are ${there.join(", ")}`,
    );
  }
  const buildOne = (name: string): Promise<BuiltContainer> =>
    progress.step(`Container image "${name}"`, (report) => buildContainer({ name, mirrorUrl, signal, report }));
  const all = async (): Promise<readonly BuiltContainer[]> => {
    const built: BuiltContainer[] = [];
    for (const name of names) {
      built.push((await findContainer({ name })) ?? (await buildOne(name)));
    }
    return built;
  };
  return withLock(all, { mirrorUrl, signal, say: (line) => progress.note(line) });
}

/** Definitions that are images, and not only bases of others. */
async function imageNames(): Promise<readonly string[]> {
  const names = await containerNames(containersFolder);
  const chains = await Promise.all(names.map(async (name) => orThrow(await readContainer(containersFolder, name))));
  return names.filter((_, at) => chains[at]?.at(-1)?.image !== undefined);
}
