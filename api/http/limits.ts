/** Every bound of the server, with its reason. Times are in milliseconds, sizes in bytes. */
export type Limits = {
  /** Request line and fields together. The longest that clients send are lists of keys. */
  readonly head: number;
  readonly body: number;
  /** All bodies being received, together: what many clients at once can make the server hold. */
  readonly bodies: number;
  /** Clients connected at once; each costs a descriptor and about a kilobyte. */
  readonly connections: number;
  /** Bytes of an open event stream that the client has not taken. */
  readonly streamBacklog: number;
  /** From the first byte of a request, or from connecting, to the end of its head. */
  readonly headMs: number;
  readonly bodyMs: number;
  /** Without taking any byte of an answer. */
  readonly stalledMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** How long the rest of a refused body is read and dropped, so that the client gets to read the answer. */
  readonly lingerMs: number;
};

export const DEFAULT_LIMITS: Limits = {
  head: 64 * 1024,
  body: 1024 * 1024,
  bodies: 32 * 1024 * 1024,
  connections: 2048,
  streamBacklog: 256 * 1024,
  headMs: 10_000,
  bodyMs: 30_000,
  stalledMs: 30_000,
  idleMs: 300_000,
  lingerMs: 2000,
};
