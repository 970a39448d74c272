/** A tar archive (POSIX.1-1988 ustar), for layers of images that tests make. */
export type TarEntry =
  | { readonly path: string; readonly bytes: Uint8Array | string; readonly mode?: number }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly folder: true };

const BLOCK = 512;

export function tar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap((entry) => {
    const bytes = "bytes" in entry ? Buffer.from(entry.bytes) : Buffer.alloc(0);
    const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    return [header(entry, bytes.length), bytes, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(entry: TarEntry, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const put = (text: string, at: number): void => void block.write(text, at, "latin1");
  const kind = "folder" in entry ? "5" : "link" in entry ? "2" : "0";
  put(entry.path, 0);
  put(octal("mode" in entry && entry.mode !== undefined ? entry.mode : 0o755, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(size, 12), 124);
  put(octal(0, 12), 136);
  put("        ", 148);
  put(kind, 156);
  if ("link" in entry) put(entry.link, 157);
  put("ustar\x0000", 257);
  put(
    octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}
