/**
 * What the API server asks of `ephemeral-storage`, and what that answers: two files in a folder of /run that only root
 * can enter. The server itself is kept from disks and mounts; the program that may touch them takes nothing but this.
 */
import * as z from "zod";
import { type EphemeralFault, FILE_SYSTEMS, type FileSystem } from "./names.ts";

export const FOLDER = "/run/ephemeral-storage";
export const REQUEST_FILE: string = `${FOLDER}/request.json`;
export const OUTCOME_FILE: string = `${FOLDER}/outcome.json`;
export const UNIT = "ephemeral-storage.service";

export type EphemeralRequest =
  | { readonly kind: "init"; readonly fileSystem: FileSystem; readonly disks: readonly string[] }
  | { readonly kind: "bind"; readonly folders: readonly string[] };

/** `id` ties an outcome to its request. */
export type StoredRequest = { readonly id: string; readonly request: EphemeralRequest };
export type StoredOutcome = {
  readonly id: string;
  readonly problem?: { readonly code: EphemeralFault; readonly message: string } | undefined;
};

export const storedRequest: z.ZodType<StoredRequest> = z.strictObject({
  id: z.string(),
  request: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("init"), fileSystem: z.enum(FILE_SYSTEMS), disks: z.array(z.string()) }),
    z.strictObject({ kind: z.literal("bind"), folders: z.array(z.string()) }),
  ]),
});

const codes = [
  "unknown-disk",
  "unknown-folder",
  "nothing-named",
  "not-initialised",
  "disk-busy",
  "not-read",
  "tool-failed",
] as const satisfies readonly EphemeralFault[];

export const storedOutcome: z.ZodType<StoredOutcome> = z.strictObject({
  id: z.string(),
  problem: z.strictObject({ code: z.enum(codes), message: z.string() }).optional(),
});
