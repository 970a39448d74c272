/** Waiting for a network to fetch images over, for a while only: an image may be there already. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Where systemd-networkd says how far the machine as a whole can reach. */
const STATE = "/run/systemd/netif/state";
const POLL_MS = 200;

/** Whether the machine can be reached from beyond its own links; false after `timeoutMs`. */
export async function waitForNetwork(timeoutMs: number, path: string = STATE): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    if (isRoutable(await readFile(path, "utf8").catch(() => ""))) return true;
    if (performance.now() > end) return false;
    await sleep(POLL_MS);
  }
}

export function isRoutable(state: string): boolean {
  return /^OPER_STATE=routable$/m.test(state);
}
