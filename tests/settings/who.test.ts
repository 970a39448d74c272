/** Who made a change, on a machine: the kernel's word on the program that asked, inside of it and through the channel. */
import { expect, test } from "bun:test";
import { startMachine } from "../../machine/testing.ts";
import { prepare, PREPARATION } from "../boot/prepared.ts";
import { Probe, PROBE_PORT, probeImage } from "../probe/probe.ts";
import { succeed } from "./client.ts";

test(
  "history names user and process of whoever made a change",
  async () => {
    const { qemu } = await prepare();
    await using machine = await startMachine({ image: await probeImage(), tools: qemu, extra: PROBE_PORT });
    await using probe = await Probe.connect(machine);
    await machine.waitForConsole(/Reached target .*Machine is configured/);
    const last = async (): Promise<unknown> => {
      const [newest] = JSON.parse(await succeed(machine, "-u", "/generations")) as { readonly author: unknown }[];
      return newest?.author;
    };
    const boot = { source: "settings-applier", uid: 0, process: "settings-applie" };
    expect(await last()).toMatchObject(boot);
    await probe.output("/usr/bin/apiclient", "set", "motd=from inside", "--message", "why not");
    expect(await last()).toMatchObject({ source: "apiclient", uid: 0, process: "apiclient", message: "why not" });
    await succeed(machine, "set", "motd=from outside");
    const channel = (await last()) as { readonly pid: number };
    expect(channel).toMatchObject({ source: "apiclient", uid: 989, process: "control-channel" });
    expect(await probe.read(`/proc/${channel.pid}/comm`)).toBe("control-channel\n");
  },
  PREPARATION,
);
