import { expect, test } from "bun:test";
import { describeMachine, describeSettings, nextCommands } from "./describe.ts";

const status = {
  name: "default",
  state: "running",
  folder: "/m/default",
  apiSocket: "/m/default/api.sock",
  variant: "qemu-dev",
  image: "sparkler-x",
  memoryMib: 512,
  diskBytes: 2 * 1024 ** 3,
  diskUsedBytes: 300 * 1024 ** 2,
  accelerator: "tcg",
  since: "2026-01-01T00:00:00.000Z",
  sshPort: 40022,
  published: [[8080, 80]],
  ended: null,
} as const;
const now = Date.parse("2026-01-01T00:01:05.000Z");

test("describeMachine() says how a machine is and where its files are", () => {
  expect(describeMachine(status, now)).toBe(
    [
      "default: running, for 1 min 05 s, emulated (no usable KVM)",
      "  image    sparkler-x",
      "  memory   512 MiB",
      "  disk     2.0 GiB, of which 300 MiB are used here",
      "  folder   /m/default",
      "  console  /m/default/console.log",
      "  api      /m/default/api.sock",
      "  ssh      127.0.0.1:40022",
      "  ports    127.0.0.1:8080 to 80",
      "",
    ].join("\n"),
  );
});

test("describeMachine() says how a stopped machine ended", () => {
  const stopped = { ...status, state: "stopped", since: null, sshPort: null, accelerator: null } as const;
  expect(describeMachine({ ...stopped, ended: "exit status 0" }, now)).toStartWith(
    "default: stopped (exit status 0)\n",
  );
});

test("describeSettings() lines the names up and shows values as JSON", () => {
  const settings = [
    ["motd", "hi"],
    ["ntp.time-servers", ["a", "b"]],
  ] as const;
  expect(describeSettings(settings)).toBe('  motd             = "hi"\n  ntp.time-servers = ["a","b"]\n');
});

test("nextCommands() names the machine unless it is the default one", () => {
  expect(nextCommands("default")).toContain("  ./sparkler api -u /settings\n");
  expect(nextCommands("other")).toContain("  ./sparkler --name other down\n");
});
