/** What a benchmark gives: figures with their unit, what is aimed at, and what a user would run instead has. */
import { z } from "zod";

export type Aim = { readonly atMost: number } | { readonly atLeast: number };

export type Figure = {
  readonly name: string;
  readonly value: number;
  /** E.g. `G instructions`, `MiB`, `/s`; empty for plain counts. */
  readonly unit: string;
  /** Decimals shown; default 0. */
  readonly digits?: number | undefined;
  readonly aim?: Aim | undefined;
  /** The same of a Debian 13 host (cloud kernel, cloud-init, OpenSSH, containerd), measured elsewhere. */
  readonly debian?: number | undefined;
  /** What has to be known to read the figure. */
  readonly note?: string | undefined;
};

export type Section = {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
};

const figure = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  digits: z.int().optional(),
  aim: z.union([z.strictObject({ atMost: z.number() }), z.strictObject({ atLeast: z.number() })]).optional(),
  debian: z.number().optional(),
  note: z.string().optional(),
});

/** Sections as they stand in the JSON of an earlier run. */
export const sectionsSchema: z.ZodType<readonly Section[]> = z.array(
  z.strictObject({ name: z.string(), title: z.string(), figures: z.array(figure) }),
);

/** Whether the aim is met; undefined where there is none. */
export function meetsAim({ value, aim }: Figure): boolean | undefined {
  if (aim === undefined) return undefined;
  return "atMost" in aim ? value <= aim.atMost : value >= aim.atLeast;
}
