/** A lease of containerd: what is made under it stays until it is let go, or until it expires after a cut. */
import { randomUUID } from "node:crypto";
import type { Containerd } from "../containerd/connection.ts";
import { leases } from "../containerd/services.ts";

const LEASE_HOURS = 24;

/** Does `work` under a lease of its own. */
export async function underLease<T>(containerd: Containerd, work: (lease: string) => Promise<T>): Promise<T> {
  const id = `${prefixOf(containerd.owner)}${randomUUID()}`;
  const expire = new Date(Date.now() + LEASE_HOURS * 3_600_000).toISOString();
  await containerd.call(leases.create, { id, labels: { "containerd.io/gc.expire": expire } });
  try {
    return await work(id);
  } finally {
    await containerd.call(leases.delete, { id }).catch(() => {}); // the owner's next program does, or it expires
  }
}

/** Lets go what a program of the same owner, of which there is one at a time, held when it was cut off. */
export async function dropAbandonedLeases(containerd: Containerd): Promise<void> {
  const prefix = prefixOf(containerd.owner);
  const { leases: found } = await containerd.call(leases.list, {});
  for (const { id } of found.filter((each) => each.id.startsWith(prefix))) {
    await containerd.call(leases.delete, { id, sync: true });
  }
}

/** Owners are ids of containers: a slash ends one. */
function prefixOf(owner: string): string {
  return `sparkler/${owner}/`;
}
