/**
 * Commits that are to be written together: each is a generation of its own, all become durable with one flush. A batch
 * only collects, on top of the live values that the store had when it began; `Store.write()` writes it.
 */
import type { SettingValue } from "../tree.ts";
import { type Change, type CommitAuthor, type Generation, originOf, type ValueOrigin } from "./generation.ts";
import type { LiveValue } from "./schema.ts";

export type Edit = { readonly value: SettingValue; readonly origin: ValueOrigin };
/** Full name → new value, or undefined to remove the key. */
export type Edits = ReadonlyMap<string, Edit | undefined>;

/** Texts that the store keeps beside the settings, by key; undefined removes one. */
export type Notes = ReadonlyMap<string, string | undefined>;

export type Commit = {
  readonly edits: Edits;
  readonly author: CommitAuthor;
  readonly at: Date;
  readonly notes?: Notes;
};

/** What all live values take together: how many there are, and characters of names and JSON texts. */
export type Weight = { readonly names: number; readonly characters: number };

export type BatchBase = {
  readonly live: ReadonlyMap<string, LiveValue>;
  readonly generation: number;
  readonly weight: Weight;
  readonly notes: ReadonlyMap<string, string>;
};

export class Batch {
  /** What is to be written, in order. */
  readonly generations: Generation[] = [];
  /** Every name touched, with its last value. */
  readonly touched: Map<string, LiveValue | undefined> = new Map();
  readonly notes: Map<string, string | undefined> = new Map();
  readonly #base: BatchBase;
  #weight: Weight;
  #number: number;

  constructor(base: BatchBase) {
    this.#base = base;
    this.#weight = base.weight;
    this.#number = base.generation;
  }

  /** The last generation, those of this batch included. */
  get generation(): number {
    return this.#number;
  }

  get weight(): Weight {
    return this.#weight;
  }

  get(name: string): LiveValue | undefined {
    return this.touched.has(name) ? this.touched.get(name) : this.#base.live.get(name);
  }

  note(key: string): string | undefined {
    return this.notes.has(key) ? this.notes.get(key) : this.#base.notes.get(key);
  }

  /** What all values would take with `edits` made. */
  weightWith(edits: Edits): Weight {
    let { names, characters } = this.#weight;
    for (const [name, edit] of edits) {
      const before = this.get(name);
      if (before !== undefined) {
        names -= 1;
        characters -= weightOf(name, before.value);
      }
      if (edit !== undefined) {
        names += 1;
        characters += weightOf(name, edit.value);
      }
    }
    return { names, characters };
  }

  /** Makes `commit` the next generation of the batch. Generation numbers may skip ahead with `number`, never back. */
  add({ edits, author, at, notes }: Commit, number: number = this.#number + 1): Generation {
    const changes = [...edits].map(([name, edit]) => changeOf(name, this.get(name), edit));
    const made: Generation = { number, at: at.toISOString(), author, changes };
    this.#weight = this.weightWith(edits);
    this.#number = number;
    const source = { generation: number, at: made.at, by: author.source };
    for (const [name, edit] of edits) {
      this.touched.set(name, edit && { value: edit.value, source: { ...originOf(edit.origin), ...source } });
    }
    for (const [key, text] of notes ?? []) this.notes.set(key, text);
    this.generations.push(made);
    return made;
  }
}

export function weightOf(name: string, value: SettingValue): number {
  return name.length + JSON.stringify(value).length;
}

function changeOf(name: string, before: LiveValue | undefined, edit: Edit | undefined): Change {
  return {
    name,
    ...(before === undefined ? {} : { before: before.value, beforeOrigin: originOf(before.source) }),
    ...(edit === undefined ? {} : { after: edit.value, afterOrigin: originOf(edit.origin) }),
  };
}
