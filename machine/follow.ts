/**
 * Reading a log file as it grows, like a console that is watched.
 */
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

export type FollowOptions = {
  readonly write: (chunk: Uint8Array) => void;
  readonly signal: AbortSignal;
  /** Whether more may come; asked when all has been read. */
  readonly more: () => Promise<boolean>;
};

const pauseMs = 200;
const pieceBytes = 64 * 1024;

/** Writes out the file from its beginning and then what is added; starts over when another file takes its name. */
export async function follow(path: string, options: FollowOptions): Promise<void> {
  let inode = -1;
  let offset = 0;
  for (;;) {
    const more = await options.more();
    const found = await stat(path).catch(() => undefined); // not there yet
    if (found !== undefined && found.ino !== inode) {
      inode = found.ino;
      offset = 0;
    }
    if (found !== undefined) offset = await copyFrom(path, offset, options);
    if (!more || options.signal.aborted) return;
    await sleep(pauseMs);
  }
}

async function copyFrom(path: string, from: number, options: FollowOptions): Promise<number> {
  const file = await open(path, "r");
  try {
    let offset = from;
    const buffer = new Uint8Array(pieceBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0 || options.signal.aborted) return offset;
      options.write(buffer.subarray(0, bytesRead));
      offset += bytesRead;
    }
  } finally {
    await file.close();
  }
}
