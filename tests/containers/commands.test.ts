/** Bootstrap commands on machines: what runs when, what is marked, and how a boot stops at one that is essential. */
import { expect, test } from "bun:test";
import { PREPARATION, WAIT } from "../boot/prepared.ts";
import { SettingsMachine } from "../settings/settings-machine.ts";

const journal = (machine: SettingsMachine): Promise<string> =>
  machine.probe.output("/usr/bin/journalctl", "--boot", "--unit=bootstrap-commands.service", "--output=cat");

const COMMANDS = `
[settings.bootstrap-commands.b-once]
commands = [["apiclient", "set", "motd=by a command; $(reboot)"], ["apiclient", "get", "os"]]
mode = "once"
essential = true
[settings.bootstrap-commands.a-fails]
commands = [["apiclient", "raw", "-u", "/nowhere"], ["apiclient", "set", "motd=never"]]
mode = "always"
[settings.bootstrap-commands.c-off]
commands = [["apiclient", "set", "motd=never"]]
`;

test(
  "commands run in order; one boot's are off afterwards; one that fails ends its own entry",
  async () => {
    await using machine = await SettingsMachine.boot(COMMANDS);
    expect(await machine.file("/etc/motd")).toBe("by a command; $(reboot)\n");
    expect(await machine.json("get settings.bootstrap-commands.b-once.mode")).toEqual({
      settings: { "bootstrap-commands": { "b-once": { mode: "off" } } },
    });
    const first = await journal(machine);
    expect(first.indexOf('name="a-fails"')).toBeLessThan(first.indexOf('name="b-once"'));
    expect(first).toContain("Bootstrap commands failed; they are not essential");
    expect(first).toContain("Status 404");
    expect(first).not.toContain("by a command");
    expect(JSON.stringify(await machine.json("history"))).toContain("b-once has run");

    await machine.powerCut();
    await machine.start();
    const second = await journal(machine);
    expect(second).toContain('name="a-fails"');
    expect(second).not.toContain('name="b-once"');
  },
  PREPARATION,
);

test(
  "an essential command that fails stops the boot, says so on the console, and can be mended over the API",
  async () => {
    await using machine = await SettingsMachine.begin(`
[settings.bootstrap-commands.must]
commands = [["apiclient", "raw", "-X", "POST", "-u", "/nowhere", "-d", "secret"]]
mode = "always"
essential = true
`);
    await machine.machine.waitForAll(
      [
        /Essential bootstrap commands failed.*"must".*apiclient raw ….*404/,
        /set bootstrap-commands\.must\.mode=off/,
        /Dependency failed for Machine is configured/,
      ],
      2 * WAIT,
    );
    expect(machine.machine.console).not.toMatch(/secret|Mark this boot/);
    const state = await machine.probe.run("/usr/bin/systemctl", "is-active", "configured.target");
    expect(state.stdout.trim()).toBe("inactive");
    expect(await machine.works("set bootstrap-commands.must.mode=off")).toBe("");
    await machine.powerCut();
    await machine.start();
  },
  PREPARATION,
);

test(
  "a shutdown that comes in the middle of commands waits for them and for the mark, and begins no others",
  async () => {
    await using machine = await SettingsMachine.begin(`
[settings.bootstrap-commands.a-reboots]
commands = [["apiclient", "reboot"], ["apiclient", "set", "motd=after the reboot was asked for"]]
mode = "once"
[settings.bootstrap-commands.b-waits]
commands = [["apiclient", "set", "kernel.sysctl.\\"kernel.panic\\"=33"]]
mode = "once"
`);
    await machine.machine.waitForConsole(/Bootstrap commands are left for the next boot/, 2 * WAIT);
    await machine.machine.waitForConsole(/Its API is on/, 2 * WAIT);
    expect(await machine.file("/etc/motd")).toBe("after the reboot was asked for\n");
    expect(await journalOfBoots(machine)).toEqual({ first: true, second: false });
    expect((await machine.probe.read("/proc/sys/kernel/panic")).trim()).toBe("33");
  },
  PREPARATION,
);

/** In which boots the entry that reboots was run. */
async function journalOfBoots(machine: SettingsMachine): Promise<Readonly<Record<string, boolean>>> {
  const said = async (boot: string): Promise<boolean> => {
    const { stdout } = await machine.probe.run(
      "/usr/bin/journalctl",
      `--boot=${boot}`,
      "--unit=bootstrap-commands",
      "--output=cat",
    );
    return stdout.includes('are run name="a-reboots"');
  };
  return { first: await said("-1"), second: await said("0") };
}
