/**
 * The runtime of workloads as an orchestrator uses it, by the Container Runtime Interface: what settings say of
 * registries and of containers' capabilities and limits holds for its containers.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { thrownBy } from "../../machine/testing.ts";
import { PREPARATION } from "../boot/prepared.ts";
import { makeIdentity } from "../settings/certificate.ts";
import { ContainerMachine } from "./container-machine.ts";
import { cri, NODE, type Pod, RUNNING } from "./cri.ts";
import { testImage } from "./image.ts";
import { TestRegistry } from "./registry.ts";

const SOCKET = "/run/containerd/containerd.sock";
const MINUTES = 60_000;
/** Versions of the sandbox's image that containerd may ask for. */
const PAUSE = ["3.8", "3.9", "3.10", "3.10.1"];
const READER = { username: "reader", password: "Secret-42" };
/** Bits of capabilities(7). */
const [CHOWN, NET_RAW, SYS_ADMIN] = [0n, 13n, 21n];

const GATEWAY = "10.0.2.2";
const closed = TestRegistry.start({ credentials: READER });
let machine: ContainerMachine;

beforeAll(async () => {
  closed.put("app:1", await testImage());
  machine = await ContainerMachine.boot(
    async (registry) => {
      for (const version of PAUSE) registry.put(`pause:${version}`, await testImage());
    },
    (registry) => `
[[settings.container-registry.mirrors]]
registry = "registry.k8s.io"
endpoint = ["${registry.url}"]
[[settings.container-registry.mirrors]]
registry = "closed.example"
endpoint = ["${closed.url}"]
[[settings.container-registry.credentials]]
registry = "${closed.host}"
username = "${READER.username}"
password = "${READER.password}"
[settings.oci-defaults.capabilities]
net-raw = false
[settings.oci-defaults.resource-limits.max-open-files]
soft-limit = 1111
hard-limit = 2222
`,
  );
}, PREPARATION);

afterAll(async () => {
  await machine?.[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
});

test(
  "images come by mirrors and with credentials; containers have the capabilities and limits of the settings",
  async () => {
    const { probe } = machine.base;
    await probe.call(SOCKET, cri.pull, { image: { image: "closed.example/app:1" } });
    const first = await start("first");
    expect(await first("grep", "open files", "/proc/self/limits")).toMatch(/ 1111 +2222 /);
    const capabilities = BigInt(`0x${/CapEff:\s*(\w+)/.exec(await first("cat", "/proc/self/status"))?.[1]}`);
    const has = (bit: bigint): boolean => ((capabilities >> bit) & 1n) === 1n;
    expect([has(CHOWN), has(NET_RAW), has(SYS_ADMIN)]).toEqual([true, false, false]);
  },
  10 * MINUTES,
);

test(
  "a change of the settings reaches containers that are started after it, and ends none",
  async () => {
    const { probe } = machine.base;
    const before = await start("before");
    const changed = await machine.base.client([
      "set",
      "oci-defaults.capabilities.net-raw=true",
      "oci-defaults.resource-limits.max-open-files.soft-limit=1234",
    ]);
    expect([changed.code, changed.err]).toEqual([0, ""]);
    const after = await start("after");
    expect(await after("grep", "open files", "/proc/self/limits")).toMatch(/ 1234 +2222 /);
    expect(await before("grep", "open files", "/proc/self/limits")).toMatch(/ 1111 +2222 /);
    const { containers } = await probe.call(SOCKET, cri.list, {});
    expect(containers.filter(({ state }) => state === RUNNING).length).toBeGreaterThanOrEqual(2);
  },
  10 * MINUTES,
);

test(
  "images come from behind TLS as soon as an authority is trusted, and no more when it is not",
  async () => {
    const { certificate, key } = await makeIdentity("registry of a test", GATEWAY);
    await using secure = TestRegistry.start({ tls: { cert: certificate, key } });
    secure.put("app:1", await testImage({ script: "exec sleep 1000" }));
    const pull = (): Promise<string> => pulling(`${secure.host}/app:1`);
    const trust = async (trusted: boolean): Promise<void> => {
      const data = Buffer.from(certificate).toString("base64");
      const changed = await machine.base.client(["set", `pki.mine=${JSON.stringify({ data, trusted })}`]);
      expect([changed.code, changed.err]).toEqual([0, ""]);
    };
    expect(await pull()).toMatch(/x509/);
    await trust(true);
    expect(await pull()).toBe("");
    await trust(false);
    expect(await pull()).toMatch(/x509/);
  },
  10 * MINUTES,
);

/** Pulls an image; what went wrong, empty for nothing. */
async function pulling(image: string): Promise<string> {
  const thrown = await thrownBy(machine.base.probe.call(SOCKET, cri.pull, { image: { image } }));
  return thrown instanceof Error ? thrown.message : "";
}

/** Starts a pod with one container; what runs a command in it. */
async function start(name: string): Promise<(...command: readonly string[]) => Promise<string>> {
  const { probe } = machine.base;
  const pod: Pod = {
    metadata: { name, uid: name, namespace: "default" },
    linux: { cgroupParent: "kubepods.slice", security: { namespaces: { network: NODE } } },
  };
  const { id: sandbox } = await probe.call(SOCKET, cri.runPod, { pod });
  const container = { metadata: { name }, image: { image: "closed.example/app:1" }, command: [] };
  const { id } = await probe.call(SOCKET, cri.create, { sandbox, container, pod });
  await probe.call(SOCKET, cri.start, { id });
  return async (...command) => {
    const { stdout, stderr, status } = await probe.call(SOCKET, cri.exec, { id, command });
    if (status !== 0) throw new Error(`"${command.join(" ")}" ended with ${status}: ${Buffer.from(stderr).toString()}`);
    return Buffer.from(stdout).toString();
  };
}
