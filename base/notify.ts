/**
 * Telling systemd that the program is ready, sd_notify(3). The runtime has no datagram sockets of the Unix family, so
 * systemd's own tool sends it; the unit needs `NotifyAccess=all`, since the tool is not the main process.
 */
import type { Log } from "./log.ts";
import { run } from "./run.ts";

const SYSTEMD_NOTIFY = "/usr/bin/systemd-notify";
const TIMEOUT_MS = 10_000;

/** Does nothing where nobody waits for it. A failure is only logged: who waits will say so too. */
export async function notifyReady(socket: string | undefined, log: Log): Promise<void> {
  if (socket === undefined || socket === "") return;
  const told = await run([SYSTEMD_NOTIFY, "--ready"], { env: { NOTIFY_SOCKET: socket }, timeoutMs: TIMEOUT_MS });
  if (!told.ok) log.error("systemd is not told that this program is ready", { reason: told.fault.message });
}
