/**
 * The attribute bits of a partition entry that carry boot state (contracts §12.2), by bit:
 *
 * - BOOT: 48–51 priority, 52–55 tries left, 56 successful, 57–59 starts since the last success.
 * - PRIVATE: 57 some boot has succeeded on this disk.
 * - ROOT, HASH: 48–63 the mark of the set's last start (boot/formats/mark.h).
 *
 * All other bits are left as they are by everything here.
 */

export type Attributes = bigint;

export type BootFlags = {
  /** 0–15; 0 means that the set is not to be tried. */
  readonly priority: number;
  /** 0–15; the selector takes one off before each start. */
  readonly triesLeft: number;
  readonly successful: boolean;
  /** 0–7, after 7 comes 3; the selector adds one before each start, a successful boot sets it to 0. */
  readonly starts: number;
};

export const NO_FLAGS: BootFlags = { priority: 0, triesLeft: 0, successful: false, starts: 0 };

/** What BOOT-A carries in a fresh image: priority 1, successful. */
export const FRESH_FLAGS: BootFlags = { priority: 1, triesLeft: 0, successful: true, starts: 0 };

type Field = { readonly shift: bigint; readonly mask: bigint };

const PRIORITY: Field = { shift: 48n, mask: 0xfn };
const TRIES: Field = { shift: 52n, mask: 0xfn };
const SUCCESSFUL: Field = { shift: 56n, mask: 1n };
const STARTS: Field = { shift: 57n, mask: 7n };
const EVER_SUCCEEDED: Field = { shift: 57n, mask: 1n };

/** Reads the flags of a BOOT entry. */
export function bootFlags(attributes: Attributes): BootFlags {
  return {
    priority: get(attributes, PRIORITY),
    triesLeft: get(attributes, TRIES),
    successful: get(attributes, SUCCESSFUL) === 1,
    starts: get(attributes, STARTS),
  };
}

/** `attributes` of a BOOT entry with its four boot fields replaced. Throws a RangeError for a value that does not fit. */
export function withBootFlags(attributes: Attributes, flags: BootFlags): Attributes {
  let changed = set(attributes, PRIORITY, flags.priority);
  changed = set(changed, TRIES, flags.triesLeft);
  changed = set(changed, SUCCESSFUL, flags.successful ? 1 : 0);
  return set(changed, STARTS, flags.starts);
}

/** Whether some boot has succeeded on this disk; `attributes` are those of PRIVATE. */
export function everSucceeded(attributes: Attributes): boolean {
  return get(attributes, EVER_SUCCEEDED) === 1;
}

export function withEverSucceeded(attributes: Attributes): Attributes {
  return set(attributes, EVER_SUCCEEDED, 1);
}

/** The rule by which a set counts as startable (contracts §12.2). */
export function willBoot(flags: BootFlags): boolean {
  return (flags.priority > 0 && flags.triesLeft > 0) || flags.successful;
}

function get(attributes: Attributes, { shift, mask }: Field): number {
  return Number((attributes >> shift) & mask);
}

function set(attributes: Attributes, { shift, mask }: Field, value: number): Attributes {
  const wide = BigInt(value);
  if (wide < 0n || wide > mask) throw new RangeError(`${value} does not fit into a field of 0 to ${mask}`);
  return (attributes & ~(mask << shift)) | (wide << shift);
}
