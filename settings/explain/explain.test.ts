import { expect, test } from "bun:test";
import { TestMachine } from "../testing.ts";

test("Engine.explain() tells value, source, fall-backs, what it reaches and how that went", async () => {
  await using machine = await TestMachine.make();
  const engine = await machine.open();
  machine.broken.add("/usr/bin/systemctl");
  engine.patch("t", { ntp: { options: ["offline"] } }, { kind: "user-data", detail: "/local/user-data.toml" });
  const done = await engine.commit("t", { source: "settings-applier" }, { apply: true });
  await engine.idle();
  const explained = engine.explain("settings.ntp");
  expect(explained).toMatchObject({
    ok: true,
    value: [
      {
        key: "settings.ntp.options",
        value: ["offline"],
        source: { kind: "user-data", detail: "/local/user-data.toml", generation: 2, by: "settings-applier" },
        default: ["iburst"],
        services: ["ntp"],
        files: ["/etc/chrony/chrony.conf"],
        lastApply: [
          {
            number: done.ok ? done.value.outcome : 0,
            service: "ntp",
            state: "failed",
            files: [{ path: "/etc/chrony/chrony.conf", state: "written" }],
            problem: expect.stringContaining("exit status 1") as string,
          },
        ],
      },
      { key: "settings.ntp.time-servers", source: { kind: "default", generation: 1 } },
    ],
  });
});

test("Engine.explain() knows settings that are not set, and refuses what is no setting", async () => {
  await using machine = await TestMachine.make();
  const engine = await machine.open();
  expect(engine.explain("network.hostname")).toEqual({
    ok: true,
    value: [
      {
        key: "settings.network.hostname",
        generator: "hostname",
        services: ["hostname"],
        files: ["/etc/hostname", "/etc/hosts", "/etc/sysctl.d/10-hostname.conf"],
        lastApply: [],
      },
    ],
  });
  expect(engine.explain("settings.nothing").ok).toBe(false);
  expect(engine.explain("a..b").ok).toBe(false);
});
