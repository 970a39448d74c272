/**
 * The store on a machine that loses its power again and again while it is being changed: what is there afterwards is one
 * of the states that were committed, whole, and none older than what was acknowledged.
 */
import { expect, test } from "bun:test";
import type { TestMachine } from "../../machine/testing.ts";
import { machineThatIsOff, prepare, PREPARATION } from "../boot/prepared.ts";
import { succeed } from "./client.ts";

const CUTS = 3;
/** Clients that change settings at the same time, each its own parameter. */
const CLIENTS = 6;
/** How long changes go on before the power goes, at least and at most. */
const LEAST_MS = 2000;
const MOST_MS = 6000;

/** What a client has written last, and what of it was acknowledged. */
type Written = { sent: number; acknowledged: number };

type Sysctls = Readonly<Record<string, string>>;

/** One commit of two values that belong together; false when the machine is gone. */
async function change(machine: TestMachine, client: number, count: number): Promise<boolean> {
  const sysctl = { [`x.a${client}`]: String(count), [`x.b${client}`]: String(count) };
  const tx = `client-${client}-${count}`;
  try {
    const staged = await machine.api("PATCH", `/settings?tx=${tx}`, { kernel: { sysctl } });
    const committed = await machine.api("POST", `/tx/commit?tx=${tx}`);
    return staged.status === 204 && committed.status === 200;
  } catch {
    return false;
  }
}

/** Changes settings from all clients until the power is cut; returns what each has written. */
async function changeUntilCut(machine: TestMachine, before: readonly Written[]): Promise<readonly Written[]> {
  const off = new AbortController();
  const clients = before.map(async ({ sent }, client) => {
    const written = { sent, acknowledged: 0 };
    while (!off.signal.aborted) {
      written.sent += 1;
      if (await change(machine, client, written.sent)) written.acknowledged = written.sent;
      else await Bun.sleep(100);
    }
    return written;
  });
  await Bun.sleep(LEAST_MS + Math.random() * (MOST_MS - LEAST_MS));
  await machine.powerCut();
  off.abort();
  return Promise.all(clients);
}

async function sysctls(machine: TestMachine): Promise<Sysctls> {
  const found = JSON.parse(await succeed(machine, "-u", "/settings?prefix=kernel")) as {
    kernel?: { sysctl?: Sysctls };
  };
  return found.kernel?.sysctl ?? {};
}

test(
  "every cut leaves a committed state that is not older than what was acknowledged",
  async () => {
    await using machine = await machineThatIsOff(await prepare());
    let written: readonly Written[] = Array.from({ length: CLIENTS }, () => ({ sent: 0, acknowledged: 0 }));
    let acknowledged = 0;
    for (let cut = 0; cut < CUTS; cut++) {
      await machine.start();
      await machine.waitForConsole(/Its API is on/);
      const base = written;
      written = await changeUntilCut(machine, base);
      await machine.start();
      await machine.waitForApi();
      const live = await sysctls(machine);
      for (const [client, { sent, acknowledged: kept }] of written.entries()) {
        const [a, b] = [live[`x.a${client}`], live[`x.b${client}`]].map((text) => Number(text ?? 0));
        expect({ client, whole: a === b, atLeast: (a ?? 0) >= kept, atMost: (a ?? 0) <= sent }).toEqual({
          client,
          whole: true,
          atLeast: true,
          atMost: true,
        });
        acknowledged += Math.max(0, kept - (base[client]?.sent ?? 0));
      }
      await machine.powerCut();
    }
    expect(acknowledged).toBeGreaterThan(CUTS * CLIENTS);
  },
  PREPARATION,
);
