/** Blobs on their way into a real containerd, and out of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Containerd } from "../../containers/containerd/connection.ts";
import { underLease } from "../../containers/pull/lease.ts";
import { ensureBlob, readBlob } from "../../containers/pull/blobs.ts";
import { digestOf } from "./image.ts";
import { TestRuntime } from "./runtime.ts";

const MINUTE = 60_000;
const SIZE = 3_000_000;

let runtime: TestRuntime;

beforeAll(async () => {
  runtime = await TestRuntime.start();
}, 10 * MINUTE);

afterAll(async () => {
  await runtime?.[Symbol.asyncDispose]();
}, MINUTE);

// A network that is faster than the machine gives large pieces.
test.each([1000, 60_000, 120_000, 332_500, SIZE])(
  "a blob that comes in pieces of %d bytes is stored whole, and is read as it is",
  async (piece) => {
    const bytes = randomBytes(SIZE);
    const blob = { mediaType: "application/octet-stream", digest: digestOf(bytes), size: SIZE };
    // Containerd widens the windows of a connection that has been in use.
    using containerd = new Containerd({ socket: runtime.socket, namespace: runtime.namespace });
    const read = await underLease(containerd, async (lease) => {
      const options = { containerd, lease, signal: AbortSignal.timeout(MINUTE) };
      await ensureBlob(blob, {}, async (start) => ({ start, pieces: cut(bytes.subarray(start), piece) }), options);
      return await readBlob(blob, SIZE, options);
    });
    expect(digestOf(read)).toBe(blob.digest);
  },
  2 * MINUTE,
);

function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

async function* cut(bytes: Uint8Array, piece: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}
