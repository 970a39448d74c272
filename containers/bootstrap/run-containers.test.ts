import { expect, test } from "bun:test";
import { createLog } from "../../base/log.ts";
import { ok } from "../../base/result.ts";
import type { BootstrapContainer } from "./configuration.ts";
import { isRoutable } from "./network.ts";
import { runContainers, type SystemPorts } from "./run-containers.ts";

const container = (name: string, more: Partial<BootstrapContainer> = {}): BootstrapContainer => ({
  name,
  source: "registry.example/a:1",
  mode: "always",
  essential: false,
  userData: undefined,
  ...more,
});

const ENDED: Readonly<Record<string, string>> = {
  good: "ActiveState=active\nResult=success\nExecMainStatus=0",
  bad: "ActiveState=failed\nResult=exit-code\nExecMainStatus=3",
  unrun: "ActiveState=inactive\nResult=success\nExecMainStatus=0",
};

/** A system on which units end as their names say. */
function system(): { readonly ports: SystemPorts; readonly ran: string[]; readonly log: () => string } {
  const ran: string[] = [];
  let text = "";
  const ports: SystemPorts = {
    systemctl: (words) => {
      ran.push(words.filter((word) => !word.startsWith("-")).join(" "));
      const names = words.flatMap((word) => /@(.*)\.service$/.exec(word)?.[1] ?? []);
      const paragraphs = names.map((name) => `Id=bootstrap-containers@${name}.service\n${ENDED[name] ?? ""}\n`);
      return Promise.resolve(ok({ stdout: words[0] === "show" ? paragraphs.join("\n") : "" }));
    },
    lastLines: (unit) => Promise.resolve([`what ${unit} said`]),
    cleanUp: (id) => {
      ran.push(`clean up ${id}`);
      return Promise.resolve(ok(undefined));
    },
    waitForNetwork: () => {
      ran.push("wait for the network");
      return Promise.resolve(true);
    },
    log: createLog({ component: "test", write: (line) => (text += line) }),
  };
  return { ports, ran, log: () => text };
}

test("runContainers() does nothing where nothing is to be run", async () => {
  const { ports, ran } = system();
  expect(await runContainers([container("a", { mode: "off" })], ports)).toBe(true);
  expect(ran).toEqual([]);
});

test("runContainers() starts the target, and waits for a network only where an image is not built in", async () => {
  const { ports, ran } = system();
  expect(await runContainers([container("good", { source: "host.internal/a:1" })], ports)).toBe(true);
  expect(ran).toEqual([
    "start systemd-resolved.service",
    "daemon-reload",
    "start bootstrap-containers.target",
    "clean up boot.good",
    "show bootstrap-containers@good.service",
  ]);
  ran.length = 0;
  await runContainers([container("good")], ports);
  expect(ran.slice(0, 2)).toEqual(["start systemd-resolved.service", "wait for the network"]);
});

test("runContainers() fails for an essential container only, and says which, how, and what it wrote", async () => {
  const loose = system();
  expect(await runContainers([container("bad"), container("unrun")], loose.ports)).toBe(true);
  expect(loose.log()).toContain("not essential");
  const strict = system();
  expect(await runContainers([container("good"), container("bad", { essential: true })], strict.ports)).toBe(false);
  for (const said of ['"bad" failed: exit status 3', "what bootstrap-containers@bad.service said", "bad.mode=off"]) {
    expect(strict.log()).toContain(said);
  }
});

test("runContainers() fails for an essential container that cannot be run or was not", async () => {
  for (const given of [container("a", { source: undefined }), container("unrun"), container("unknown")]) {
    expect(await runContainers([{ ...given, essential: true }], system().ports)).toBe(false);
  }
});

test("isRoutable() reads what systemd-networkd says of the machine", () => {
  expect(isRoutable("# private\nOPER_STATE=routable\nCARRIER_STATE=carrier\n")).toBe(true);
  expect(isRoutable("OPER_STATE=degraded\n")).toBe(false);
  expect(isRoutable("")).toBe(false);
});
