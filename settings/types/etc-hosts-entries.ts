/**
 * Names of addresses as /etc/hosts has them: a list of pairs of an address and its names. Contracts section 14.1. An
 * address may stand in several pairs; its names are then joined in their order.
 */
import * as z from "zod";
import { ipAddress } from "./ip-address.ts";
import { listOf } from "./list-of.ts";
import { validLinuxHostname } from "./valid-linux-hostname.ts";

const MAX_ENTRIES = 1024;
const MAX_NAMES = 64;

export type HostsEntry = readonly [address: string, names: readonly string[]];

const entry: z.ZodType<HostsEntry> = z.tuple([ipAddress, listOf(validLinuxHostname, MAX_NAMES)], {
  error: 'must be a list of an address and its names, such as ["10.0.0.1", ["name"]]',
});

export const etcHostsEntries: z.ZodType<readonly HostsEntry[]> = listOf(entry, MAX_ENTRIES);

/** Address → names, in the order in which the addresses first stand. */
export function joinedHosts(entries: readonly HostsEntry[]): ReadonlyMap<string, readonly string[]> {
  const joined = new Map<string, readonly string[]>();
  for (const [address, names] of entries) {
    joined.set(address, [...new Set([...(joined.get(address) ?? []), ...names])]);
  }
  return joined;
}
