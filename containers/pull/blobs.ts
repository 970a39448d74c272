/**
 * Blobs of an image in containerd's content store: each is written piece by piece and becomes visible only when
 * containerd has found its digest right. What a cut has left is taken up where it ended.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Containerd, type Exchange, hasCode, unlessMissing } from "../containerd/connection.ts";
import {
  content,
  WRITE_COMMIT,
  WRITE_DATA,
  WRITE_STAT,
  type WriteAnswer,
  type WriteRequest,
} from "../containerd/services.ts";
import type { Descriptor } from "../containerd/types.ts";
import { Fault } from "../../base/result.ts";

type Exchanged = Exchange<WriteRequest, WriteAnswer>;

export type BlobOptions = {
  readonly containerd: Containerd;
  /** Needed where something is written: what nothing else holds goes with it. */
  readonly lease?: string | undefined;
  readonly signal: AbortSignal;
};

/** Opens the bytes of a blob from `offset` on, or from further ahead, which `start` says. */
export type OpenBlob = (
  offset: number,
) => Promise<{ readonly start: number; readonly pieces: AsyncIterable<Uint8Array> }>;

/**
 * Bytes in one message to containerd. Each waits for its answer, so with no more than half of HTTP/2's first window in
 * one message no window is ever used up; the runtime's HTTP/2 sometimes does not go on after it has waited for one.
 */
const PIECE = 32 * 1024;
/** How long to wait for another that writes the same blob, before looking again. */
const LOCKED_MS = 500;

/**
 * Makes sure that a blob is in the store with these labels; `open` is called only when it is not. `onBytes` hears how
 * many bytes have come. Throws `Fault("wrong-content")` for bytes of another size or digest.
 */
export async function ensureBlob(
  blob: Descriptor,
  labels: Readonly<Record<string, string>>,
  open: OpenBlob,
  options: BlobOptions & { readonly onBytes?: (bytes: number) => void },
): Promise<void> {
  const { containerd, lease, signal } = options;
  const found = await unlessMissing(containerd.call(content.info, { digest: blob.digest }, { signal, lease }));
  if (found === undefined) await writeUnlessAnotherDoes(blob, labels, open, options);
  const missing = Object.entries(labels).filter(([name, value]) => found?.info?.labels[name] !== value);
  if (missing.length === 0) return;
  const paths = missing.map(([name]) => `labels.${name}`);
  await containerd.call(
    content.update,
    { info: { digest: blob.digest, size: 0, labels: Object.fromEntries(missing) }, updateMask: { paths } },
    { signal, lease },
  );
}

/** One at a time may write a blob. While another does, this one waits: then it is there, or this one goes on with it. */
async function writeUnlessAnotherDoes(...writing: Parameters<typeof writeBlob>): Promise<void> {
  const { signal } = writing[3];
  for (;;) {
    try {
      return await writeBlob(...writing);
    } catch (thrown) {
      if (!(thrown instanceof Fault) || !thrown.message.includes("locked")) throw thrown;
      await sleep(LOCKED_MS, undefined, { signal });
    }
  }
}

/** All bytes of a blob of the store, at most `limit`. */
export async function readBlob({ digest, size }: Descriptor, limit: number, options: BlobOptions): Promise<Uint8Array> {
  if (size > limit)
    throw new Fault("wrong-content", `Cannot read ${digest}: it has ${size} bytes, wanted at most ${limit}`);
  const pieces: Uint8Array[] = [];
  for await (const { data } of options.containerd.stream(content.read, { digest }, options)) pieces.push(data);
  return Buffer.concat(pieces);
}

async function writeBlob(
  blob: Descriptor,
  labels: Readonly<Record<string, string>>,
  open: OpenBlob,
  options: BlobOptions & { readonly onBytes?: (bytes: number) => void },
): Promise<void> {
  const { containerd } = options;
  const ref = `sparkler-${blob.digest}`;
  const exchange = containerd.exchange(content.write, options);
  const about = { ref, total: blob.size, expected: blob.digest };
  try {
    const begun = await exchange.ask({ ...about, action: WRITE_STAT }).catch((thrown: unknown) => {
      if (hasCode(thrown, "already-exists")) return undefined;
      throw thrown;
    });
    if (begun === undefined) return;
    const offset = await copy(exchange, about, begun.offset, { open, ...options });
    if (offset !== blob.size) {
      throw new Fault("wrong-content", `Cannot take ${blob.digest}: ${offset} bytes came, wanted ${blob.size}`);
    }
    await exchange.ask({ ...about, action: WRITE_COMMIT, offset, labels });
  } catch (thrown) {
    if (hasCode(thrown, "already-exists")) return;
    // Bytes that are wrong would be taken up again by the next try; those that only ended early are kept.
    if (!isCutShort(thrown)) await containerd.call(content.abort, { ref }).catch(() => {});
    if (hasCode(thrown, "containerd-failed")) {
      throw Fault.from("wrong-content", `Cannot take ${blob.digest}`, thrown);
    }
    throw thrown;
  } finally {
    exchange.end();
  }
}

async function copy(
  exchange: Exchanged,
  about: Pick<WriteRequest, "ref" | "total" | "expected">,
  have: number,
  { open, onBytes }: { readonly open: OpenBlob; readonly onBytes?: (bytes: number) => void },
): Promise<number> {
  if (have >= about.total) return have;
  const { start, pieces } = await open(have);
  let offset = start;
  let skip = have - start;
  for await (const piece of pieces) {
    onBytes?.(piece.length);
    const data = piece.subarray(Math.min(skip, piece.length));
    offset += piece.length - data.length;
    skip -= piece.length - data.length;
    for (let at = 0; at < data.length; at += PIECE) {
      const part = data.subarray(at, at + PIECE);
      if (offset + part.length > about.total) {
        throw new Fault("wrong-content", `Cannot take ${about.expected}: more than its ${about.total} bytes came`);
      }
      await exchange.ask({ ...about, action: WRITE_DATA, offset, data: part });
      offset += part.length;
    }
  }
  return offset;
}

/** Codes of faults after which what has come so far is right. */
const cutCodes: ReadonlySet<unknown> = new Set(["registry-unreachable", "unavailable", "cancelled"]);

function isCutShort(thrown: unknown): boolean {
  if (!(thrown instanceof Fault)) return true;
  return cutCodes.has(thrown.code);
}
