/** The end of a WebSocket: its code and reason (RFC 6455 section 7.4), as the payload of a close frame and back. */
import { MAX_CONTROL } from "./frame.ts";

export const CLOSE_CODES = {
  normal: 1000,
  goingAway: 1001,
  protocol: 1002,
  unsupported: 1003,
  /** Never sent: what is said of an end without a close frame, or without a code in it. */
  noCode: 1005,
  abnormal: 1006,
  invalid: 1007,
  policy: 1008,
  tooLarge: 1009,
  error: 1011,
} as const;

export type Close = { readonly code: number; readonly reason: string };

/** The reason is cut to what fits, at a character's border. */
export function encodeClose({ code, reason }: Close): Uint8Array {
  const text = new Uint8Array(MAX_CONTROL - 2);
  const { written } = new TextEncoder().encodeInto(reason, text);
  const payload = new Uint8Array(2 + written);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text.subarray(0, written), 2);
  return payload;
}

/** Undefined for a payload that no close frame may have. */
export function decodeClose(payload: Uint8Array): Close | undefined {
  if (payload.length === 0) return { code: CLOSE_CODES.noCode, reason: "" };
  if (payload.length === 1) return undefined;
  const code = new DataView(payload.buffer, payload.byteOffset).getUint16(0);
  if (!isSendable(code)) return undefined;
  try {
    return { code, reason: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload.subarray(2)) };
  } catch {
    return undefined; // it is not UTF-8
  }
}

/** Codes that may travel: those of the specification, and those set aside for others. */
function isSendable(code: number): boolean {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && ![1004, CLOSE_CODES.noCode, CLOSE_CODES.abnormal].includes(code);
}
