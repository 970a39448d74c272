/** All live settings as JSON bytes, made once a generation: what most clients ask for most of the time. */
import type { Engine } from "../../settings/engine.ts";

export class SettingsCache {
  readonly #engine: Pick<Engine, "generation" | "settings">;
  #generation = -1;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(engine: Pick<Engine, "generation" | "settings">) {
    this.#engine = engine;
  }

  bytes(): Uint8Array {
    const generation = this.#engine.generation();
    if (generation !== this.#generation) {
      this.#bytes = Buffer.from(JSON.stringify(this.#engine.settings()), "utf8");
      this.#generation = generation;
    }
    return this.#bytes;
  }
}
