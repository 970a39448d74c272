/** A list of bounded length. The length is judged first, so that an endless list costs nothing more. */
import * as z from "zod";

export function listOf<T>(member: z.ZodType<T>, max: number): z.ZodType<readonly T[]> {
  return z
    .array(z.unknown())
    .max(max, `must be a list of ${max} at most`)
    .pipe(z.array(member))
    .meta({ maxItems: max });
}
