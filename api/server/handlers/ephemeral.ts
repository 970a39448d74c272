/** `/actions/ephemeral-storage/…`: disks that the platform gives for as long as the machine runs. Contracts section 6.8. */
import * as z from "zod";
import { Fault, orThrow } from "../../../base/result.ts";
import { allowedFolders, checkFolders, chooseDisks } from "../../../disk/ephemeral/names.ts";
import { type Answer, done, type Handler, json } from "../answer.ts";
import type { Query } from "../parameters.ts";

const initBody = z.strictObject({
  // Capitalised on the wire.
  filesystem: z.enum(["Xfs", "Ext4"]).nullish(),
  disks: z.array(z.string()).max(256).nullish(),
});

const bindBody = z.strictObject({ targets: z.array(z.string()).max(256) });

export const initEphemeral: Handler = async ({ body }, { ephemeral }) => {
  const { filesystem, disks } = read(initBody, body, "filesystem (Xfs, Ext4 or null) and disks (a list or null)");
  const chosen = orThrow(chooseDisks(disks ?? undefined, await ephemeral.findDisks()));
  if (chosen.length === 0) return done;
  const fileSystem = filesystem === "Ext4" ? "ext4" : "xfs";
  await ephemeral.carryOut({ kind: "init", fileSystem, disks: chosen });
  return done;
};

export const bindEphemeral: Handler = async ({ body }, { ephemeral, engine }) => {
  const { targets } = read(bindBody, body, "targets (a list of folders)");
  const folders = orThrow(checkFolders(targets, allowedFolders(engine.os.variant_id)));
  await ephemeral.carryOut({ kind: "bind", folders });
  return done;
};

export const listEphemeralDisks: Handler = async ({ query }, { ephemeral }) =>
  listed(query, await ephemeral.findDisks());

export const listEphemeralDirs: Handler = ({ query }, { engine }) =>
  listed(query, allowedFolders(engine.os.variant_id));

function listed(query: Query, names: readonly string[]): Answer {
  const format = query.get("format") ?? "text";
  if (format === "json") return json(names);
  if (format === "text") return { text: names.map((name) => `${name}\n`).join("") };
  throw new Fault("bad-query", 'Cannot use the parameter "format": wanted text or json');
}

function read<T>(schema: z.ZodType<T>, body: unknown, wanted: string): T {
  const given = schema.safeParse(body);
  if (given.success) return given.data;
  throw new Fault("bad-body", `Cannot read the body: wanted ${wanted}`);
}
