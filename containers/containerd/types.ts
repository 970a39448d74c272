/** Messages that several services of containerd's API share (containerd api/types, protobuf well-known types). */
import { bool, binary, int64, list, type Message, message, text, uint32 } from "./message.ts";

export type Any = { readonly typeUrl: string; readonly value: Uint8Array };
export const any: Message<Any> = message<Any>({ typeUrl: text(1), value: binary(2) });

export type Timestamp = { readonly seconds: number; readonly nanos: number };
export const timestamp: Message<Timestamp> = message<Timestamp>({ seconds: int64(1), nanos: uint32(2) });

export type Empty = Readonly<Record<string, never>>;
export const empty: Message<Empty> = message<Empty>({});

/** A blob by its digest. Annotations are not used here. */
export type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };
export const descriptor: Message<Descriptor> = message<Descriptor>({
  mediaType: text(1),
  digest: text(2),
  size: int64(3),
});

export type Mount = {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
};
export const mount: Message<Mount> = message<Mount>({
  type: text(1),
  source: text(2),
  target: text(3),
  options: list(text(4)),
});

export type FieldMask = { readonly paths: readonly string[] };
export const fieldMask: Message<FieldMask> = message<FieldMask>({ paths: list(text(1)) });

/** Options of the runtime `io.containerd.runc.v2`. */
export type RuncOptions = {
  /** Where runc keeps what it knows of its containers; two containerds must not share it. */
  readonly root: string;
  readonly systemdCgroup: boolean;
};
export const runcOptions: Message<RuncOptions> = message<RuncOptions>({ root: text(7), systemdCgroup: bool(9) });
export const RUNC_OPTIONS_URL = "containerd.runc.v1.Options";

/** Any of the runtime specification, which is JSON. */
export function specificationAny(specification: object): Any {
  const typeUrl = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
  return { typeUrl, value: new TextEncoder().encode(JSON.stringify(specification)) };
}
