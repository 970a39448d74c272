/**
 * The initramfs archive: cpio in the kernel's "newc" form (Documentation/driver-api/early-userspace/buffer-format),
 * written here because only so are inode numbers, times and order fixed. Entries come out in the order given.
 */
export type CpioEntry = {
  readonly path: string;
  readonly mode: number;
  readonly content?: Uint8Array;
  /** Major and minor number of a device node. */
  readonly device?: readonly [number, number];
};

export const FOLDER_MODE = 0o040755;
export const PROGRAM_MODE = 0o100755;
export const FILE_MODE = 0o100644;
export const CONSOLE_MODE = 0o020600;

export function encodeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts = entries.map((entry, at) => encodeEntry(entry, at + 1));
  return Buffer.concat([...parts, encodeEntry({ path: "TRAILER!!!", mode: 0 }, 0)]);
}

function encodeEntry(entry: CpioEntry, inode: number): Uint8Array {
  const content = entry.content ?? new Uint8Array();
  const name = Buffer.from(`${entry.path}\0`);
  const links = entry.mode === 0 ? 1 : (entry.mode & 0o170000) === 0o040000 ? 2 : 1;
  const [major, minor] = entry.device ?? [0, 0];
  const fields = [inode, entry.mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(content)]);
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = (4 - (bytes.length % 4)) % 4;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest)]);
}
