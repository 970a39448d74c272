/** The generators by the names that the model calls them. */
import type { Generator } from "./generator.ts";
import { hostname } from "./hostname.ts";
import { updateSeed } from "./update-seed.ts";

export const generators: Readonly<Record<string, Generator>> = { hostname, "update-seed": updateSeed };
