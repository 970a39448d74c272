/**
 * The API's Unix socket. It is made under another name with no rights for anybody else, given its owner and mode, and
 * then renamed over whatever the last process left, so that at no time a client finds half a server.
 */
import { randomBytes } from "node:crypto";
import { chmod, chown, lstat, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault } from "../../base/result.ts";

const MODE = 0o660;

export type SocketPlace = {
  readonly path: string;
  /** Group of the socket; undefined leaves that of the process. */
  readonly gid?: number | undefined;
};

/** Lets `listen` bind a name of our choice and brings the socket to its place. Throws `Fault("not-listening")`. */
export async function placeSocket<Server>(place: SocketPlace, listen: (path: string) => Server): Promise<Server> {
  const temporary = join(dirname(place.path), `.${basename(place.path)}.${randomBytes(6).toString("hex")}`);
  const mask = process.umask(0o177);
  try {
    const server = listen(temporary);
    if (place.gid !== undefined) await chown(temporary, process.getuid?.() ?? 0, place.gid);
    await chmod(temporary, MODE);
    await rename(temporary, place.path);
    return server;
  } catch (cause) {
    await rm(temporary, { force: true });
    throw Fault.from("not-listening", `Cannot listen on "${place.path}"`, cause, { path: place.path });
  } finally {
    process.umask(mask);
  }
}

/** Which file the socket is, so that a successor's is not removed. */
export async function identify(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await lstat(path);
    return `${dev}:${ino}`;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  }
}
