/** The generators by the names that the model calls them. */
import type { Generator } from "./generator.ts";
import { hostname } from "./hostname.ts";

export const generators: Readonly<Record<string, Generator>> = { hostname };
