/** A lease of containerd: what is made under it stays until it is let go, or until it expires after a cut. */
import { randomUUID } from "node:crypto";
import type { Containerd } from "../containerd/connection.ts";
import { leases } from "../containerd/services.ts";

const LEASE_HOURS = 24;
/** Before the owner, which is the id of a container and has no slash. */
const PREFIX = "sparkler";

/** Does `work` under a lease of its own. */
export async function underLease<T>(containerd: Containerd, work: (lease: string) => Promise<T>): Promise<T> {
  const id = `${PREFIX}/${containerd.owner}/${randomUUID()}`;
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
  await dropLeases(containerd, (owner) => owner === containerd.owner);
}

/** Lets go what programs of these owners hold, none of which may run. */
export async function dropLeases(containerd: Containerd, isOver: (owner: string) => boolean): Promise<void> {
  for (const { id } of (await containerd.call(leases.list, {})).leases) {
    const [prefix, owner] = id.split("/");
    if (prefix === PREFIX && owner !== undefined && isOver(owner)) {
      await containerd.call(leases.delete, { id, sync: true });
    }
  }
}
