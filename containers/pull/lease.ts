/** A lease of containerd: what is made under it stays until it is let go, or until it expires after a cut. */
import { randomUUID } from "node:crypto";
import type { Containerd } from "../containerd/connection.ts";
import { leases } from "../containerd/services.ts";

const LEASE_HOURS = 24;

/** Does `work` under a lease of its own. */
export async function underLease<T>(containerd: Containerd, work: (lease: string) => Promise<T>): Promise<T> {
  const id = `sparkler-${randomUUID()}`;
  const expire = new Date(Date.now() + LEASE_HOURS * 3_600_000).toISOString();
  await containerd.call(leases.create, { id, labels: { "containerd.io/gc.expire": expire } });
  try {
    return await work(id);
  } finally {
    await containerd.call(leases.delete, { id }).catch(() => {}); // it expires
  }
}
