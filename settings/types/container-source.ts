/** Where the image of a container comes from: its name, as registries and runtimes write it. Contracts section 14.6. */
import * as z from "zod";
import { parseReference } from "./image-reference.ts";

export const containerSource: z.ZodType<string, string> = z.string().superRefine((text, context) => {
  const parsed = parseReference(text);
  if (parsed.ok) return;
  const { message } = parsed.fault;
  context.addIssue({
    code: "custom",
    message: `must be the name of an image, such as registry.example/web:1.2; ${message.slice(message.lastIndexOf(": ") + 2)}`,
  });
});
