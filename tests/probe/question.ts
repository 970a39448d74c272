/** What can be asked of the probe, and what it answers: shared by the guest's side and the tests'. */
import * as z from "zod";

/** One thing to look at. Paths are absolute; `run` starts a program of the image, without a shell. */
export type Question =
  | { readonly ask: "read"; readonly path: string }
  | { readonly ask: "list"; readonly path: string }
  | { readonly ask: "stat"; readonly path: string }
  | { readonly ask: "write"; readonly path: string; readonly text: string }
  | { readonly ask: "run"; readonly argv: readonly string[] }
  | Asked;

/** One call by gRPC to a program that listens on a socket. Its message is in base64, and so is the answer's. */
export type Asked = { readonly ask: "call"; readonly socket: string; readonly path: string; readonly message: string };

export const question: z.ZodType<Question> = z.discriminatedUnion("ask", [
  z.strictObject({ ask: z.literal("read"), path: z.string() }),
  z.strictObject({ ask: z.literal("list"), path: z.string() }),
  z.strictObject({ ask: z.literal("stat"), path: z.string() }),
  z.strictObject({ ask: z.literal("write"), path: z.string(), text: z.string() }),
  z.strictObject({ ask: z.literal("run"), argv: z.array(z.string()).min(1) }),
  z.strictObject({ ask: z.literal("call"), socket: z.string(), path: z.string(), message: z.base64() }),
]);

export type Stat = {
  readonly kind: "file" | "folder" | "link" | "socket" | "device" | "other";
  /** Permission bits, octal, e.g. "0660". */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Where a link leads. */
  readonly target: string | null;
};

export const stat: z.ZodType<Stat> = z.strictObject({
  kind: z.enum(["file", "folder", "link", "socket", "device", "other"]),
  mode: z.string(),
  uid: z.number(),
  gid: z.number(),
  size: z.number(),
  target: z.string().nullable(),
});

export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

export const ran: z.ZodType<Ran> = z.strictObject({ status: z.number(), stdout: z.string(), stderr: z.string() });
