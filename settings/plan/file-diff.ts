/** The difference of a configuration file in unified form, with lines that must not be shown replaced. */
import { structuredPatch } from "diff";
import { REDACTED } from "../model/secret.ts";

/** Lines of a diff that are shown; what goes beyond is counted. */
const MAX_LINES = 2000;
/** Lines around a change. */
const CONTEXT = 3;

export type DiffOptions = {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** Whether a line may be shown; all may when this is not given. */
  readonly isOpen: ((line: string) => boolean) | undefined;
};

export function diffOf({ path, from, to, isOpen = () => true }: DiffOptions): string {
  const { hunks } = structuredPatch(path, path, from, to, undefined, undefined, { context: CONTEXT });
  const lines = hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines.map((line) => {
      const marker = line.slice(0, 1);
      return marker === "\\" || isOpen(line.slice(1)) ? line : `${marker}${REDACTED}`;
    }),
  ]);
  const more = lines.length - MAX_LINES;
  const shown = more > 0 ? [...lines.slice(0, MAX_LINES), `… and ${more} more lines`] : lines;
  return [`--- ${path}`, `+++ ${path}`, ...shown, ""].join("\n");
}
