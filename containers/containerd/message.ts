/**
 * Protocol Buffers messages as tables: a message is its fields, a field knows its number and how a value of its type is
 * written and read. Covers what containerd's API uses (protobuf encoding, "Message Structure"); unknown fields are
 * skipped, a missing one has its type's empty value.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Fault } from "../../base/result.ts";

/** One field: reading is given what was read before, since repeated fields and maps come in pieces. */
export type Field<T> = {
  readonly number: number;
  readonly wire: WireType;
  readonly empty: () => T;
  readonly write: (writer: BinaryWriter, value: T) => void;
  readonly read: (reader: BinaryReader, before: T) => T;
};

export type Message<T> = {
  readonly encode: (value: Partial<T>) => Uint8Array;
  /** Throws `Fault("malformed")`. */
  readonly decode: (bytes: Uint8Array) => T;
};

type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** A message of these fields. */
export function message<T extends object>(fields: Fields<T>): Message<T> {
  const names = Object.keys(fields).filter((name): name is Extract<keyof T, string> => name in fields);
  const byNumber = new Map(names.map((name) => [fields[name].number, name]));
  return {
    encode(value) {
      const writer = new BinaryWriter();
      for (const name of names) writeField(writer, fields[name], value[name]);
      return writer.finish();
    },
    decode(bytes) {
      const found = Object.fromEntries(names.map((name) => [name, fields[name].empty()]));
      try {
        const reader = new BinaryReader(bytes);
        while (reader.pos < reader.len) {
          const [number, wire] = reader.tag();
          const name = byNumber.get(number);
          if (name === undefined || fields[name].wire !== wire) reader.skip(wire, number);
          else found[name] = readField(reader, fields[name], found[name]);
        }
      } catch (cause) {
        throw Fault.from("malformed", "Cannot read a message of containerd", cause);
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field has its own type's value by now
      return found as T;
    },
  };
}

function writeField<T>(writer: BinaryWriter, field: Field<T>, value: T | undefined): void {
  if (value !== undefined) field.write(writer, value);
}

function readField<T>(reader: BinaryReader, field: Field<T>, before: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what this same field has read before, or its empty value
  return field.read(reader, before as T);
}

export function text(number: number): Field<string> {
  return {
    number,
    wire: WireType.LengthDelimited,
    empty: () => "",
    write: (writer, value) => void (value === "" || writer.tag(number, WireType.LengthDelimited).string(value)),
    read: (reader) => reader.string(),
  };
}

export function binary(number: number): Field<Uint8Array> {
  return {
    number,
    wire: WireType.LengthDelimited,
    empty: () => new Uint8Array(),
    write: (writer, value) => void (value.length === 0 || writer.tag(number, WireType.LengthDelimited).bytes(value)),
    read: (reader) => reader.bytes(),
  };
}

/** int64 that fits a number: sizes, offsets. */
export function int64(number: number): Field<number> {
  return {
    number,
    wire: WireType.Varint,
    empty: () => 0,
    write: (writer, value) => void (value === 0 || writer.tag(number, WireType.Varint).int64(value)),
    read: (reader) => Number(reader.int64()),
  };
}

/** uint32, and enumerations. */
export function uint32(number: number): Field<number> {
  return {
    number,
    wire: WireType.Varint,
    empty: () => 0,
    write: (writer, value) => void (value === 0 || writer.tag(number, WireType.Varint).uint32(value)),
    read: (reader) => reader.uint32(),
  };
}

export function bool(number: number): Field<boolean> {
  return {
    number,
    wire: WireType.Varint,
    empty: () => false,
    write: (writer, value) => void (value && writer.tag(number, WireType.Varint).bool(true)),
    read: (reader) => reader.bool(),
  };
}

export function nested<T extends object>(number: number, type: Message<T>): Field<T | undefined> {
  return {
    number,
    wire: WireType.LengthDelimited,
    empty: () => undefined,
    write(writer, value) {
      if (value !== undefined) writer.tag(number, WireType.LengthDelimited).bytes(type.encode(value));
    },
    read: (reader) => type.decode(reader.bytes()),
  };
}

/** A repeated field of strings or messages. */
export function list<T>(one: Field<T>): Field<readonly NonNullable<T>[]> {
  return {
    number: one.number,
    wire: one.wire,
    empty: () => [],
    write(writer, values) {
      for (const value of values) one.write(writer, value);
    },
    read(reader, before) {
      const value = one.read(reader, one.empty());
      return value === undefined || value === null ? before : [...before, value];
    },
  };
}

type Entry = { readonly key: string; readonly value: string };
const entry: Message<Entry> = message<Entry>({ key: text(1), value: text(2) });

/** map<string, string>: labels. */
export function labels(number: number): Field<Readonly<Record<string, string>>> {
  return {
    number,
    wire: WireType.LengthDelimited,
    empty: () => ({}),
    write(writer, values) {
      for (const [key, value] of Object.entries(values)) {
        writer.tag(number, WireType.LengthDelimited).bytes(entry.encode({ key, value }));
      }
    },
    read(reader, before) {
      const { key, value } = entry.decode(reader.bytes());
      return { ...before, [key]: value };
    },
  };
}
