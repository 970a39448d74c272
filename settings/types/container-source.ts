/**
 * The name of a container's image: `[HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST]`. Contracts section 14.1 has any URL here;
 * what is no name of an image could never be pulled, so it is refused when it is set and not at the next boot. The
 * grammar is that of containers/registry/reference.ts, which takes the name apart.
 */
import * as z from "zod";

const MAX_LENGTH = 2048;
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const host = `(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?`;
const word = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const name = new RegExp(
  `^(?:${host}/)?${word}(?:/${word})*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);

export const containerSource: z.ZodType<string, string> = z
  .string()
  .pipe(z.string().max(MAX_LENGTH, `must have ${MAX_LENGTH} characters at most`))
  .refine((text) => name.test(text), "must be the name of an image, such as registry.example/name:tag");
