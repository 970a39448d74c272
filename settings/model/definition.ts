/**
 * The words in which the model is written. A group is checked member by member against the hand-written type that it
 * describes; validation, defaults, generators, affected services and documents are all read from here.
 */
import type * as z from "zod";
import type { Scalar, SettingValue } from "../tree.ts";

type Described = {
  /** One line for the reference. */
  readonly description: string;
  /** The version of this system that first had it. */
  readonly since: string;
  /** Services that follow it; members inherit from the nearest group that says so. */
  readonly services?: readonly string[];
  /** Never shown in plans, histories, events and logs; members inherit it. */
  readonly secret?: boolean;
  /** Patterns of the variants that have it, such as `aws-*`; all have it when this is not given. Members inherit it. */
  readonly variants?: readonly string[];
};

/** One value: a scalar or a list, stored whole. It has a default, or a generator, or neither. */
export type Setting<T> = Described & {
  readonly kind: "setting";
  readonly schema: z.ZodType<T>;
  readonly default?: T;
  /** Name of a function in `generators/`. */
  readonly generator?: string;
  /** A value for the reference, where neither default nor description shows what one looks like. */
  readonly example?: T;
};

/** A map whose members' names are chosen by the user; each member is a key of its own. */
export type SettingMap<T extends Scalar> = Described & {
  readonly kind: "map";
  readonly memberName: z.ZodType<string, string>;
  readonly schema: z.ZodType<T>;
};

/** Groups of one kind under names chosen by the user; each member of each group is a key of its own. */
export type Collection<T> = Described & {
  readonly kind: "collection";
  readonly memberName: z.ZodType<string, string>;
  readonly member: Group<T>;
  /** Members that are there unless a user says otherwise: name → default values. */
  readonly defaults?: Readonly<Record<string, Partial<T>>>;
};

export type Group<T> = Described & {
  readonly kind: "group";
  readonly members: { readonly [K in keyof T]-?: Definition<NonNullable<T[K]>> };
  /** Other names under which a member may be given; it is kept and shown under its own. */
  readonly aliases?: Readonly<Record<string, keyof T & string>>;
};

/** What may describe a member of type `T`. */
export type Definition<T> = [T] extends [SettingValue]
  ? Setting<T>
  : string extends keyof T
    ? T extends Readonly<Record<string, infer V>>
      ? [V] extends [Scalar]
        ? SettingMap<V>
        : Collection<V>
      : never
    : Group<T>;

type AnyGroup = Described & {
  readonly kind: "group";
  readonly members: Readonly<Record<string, AnyDefinition>>;
  readonly aliases?: Readonly<Record<string, string>>;
};

/** Any definition, for code that walks the model without knowing its types. */
export type AnyDefinition =
  | Setting<SettingValue>
  | SettingMap<Scalar>
  | (Described & {
      readonly kind: "collection";
      readonly memberName: z.ZodType<string, string>;
      readonly member: AnyGroup;
      readonly defaults?: Readonly<Record<string, Readonly<Record<string, SettingValue>>>>;
    })
  | AnyGroup;
