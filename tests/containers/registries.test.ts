/** Registries as they are outside: behind TLS of an authority of one's own, and behind a proxy. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeIdentity } from "../settings/certificate.ts";
import { ContainerMachine } from "./container-machine.ts";
import { testImage, type TestImage } from "./image.ts";
import { TestProxy } from "./proxy.ts";
import { TestRegistry } from "./registry.ts";

const MINUTES = 60_000;
const GATEWAY = "10.0.2.2";
let machine: ContainerMachine;
let registry: TestRegistry;
let proxy: TestProxy;
let image: TestImage;

beforeAll(async () => {
  const { certificate, key } = await makeIdentity("registry of a test", GATEWAY);
  registry = TestRegistry.start({ tls: { cert: certificate, key } });
  proxy = await TestProxy.start();
  image = await testImage();
  registry.put("web:1", image);
  const data = Buffer.from(certificate).toString("base64");
  machine = await ContainerMachine.boot(
    () => Promise.resolve(),
    () => `[settings.pki.mine]\ndata = "${data}"\ntrusted = true\n`,
  );
}, 10 * MINUTES);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

/** Asks for a container from the registry; what came of the change. */
async function start(name: string, which: string): Promise<{ readonly code: number; readonly err: string }> {
  const words = [`host-containers.${name}.source=${registry.host}/web${which}`, `host-containers.${name}.enabled=true`];
  return machine.base.client(["set", ...words]);
}

async function works(...words: readonly string[]): Promise<void> {
  const { code, err } = await machine.base.client(words);
  expect([code, err]).toEqual([0, ""]);
}

test(
  "an image behind TLS comes where pki trusts the authority, and only there",
  async () => {
    await works("set", "pki.mine.trusted=false");
    const refused = await start("web", ":1");
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/certificate/i)]);
    // Nobody has to touch the container for it.
    await machine.base.client(["set", "pki.mine.trusted=true"]);
    await machine.untilPhase("web", "running");
    await works("unset", "host-containers.web");
  },
  5 * MINUTES,
);

test(
  "an image by its digest comes through the proxy, and past it where no-proxy says so",
  async () => {
    await works("set", `network.https-proxy=${proxy.url}`);
    expect((await start("far", `@${image.manifest.digest}`)).err).toBe("");
    await machine.untilPhase("far", "running");
    expect(new Set(proxy.asked)).toEqual(new Set([registry.host]));
    const before = proxy.asked.length;
    await works("set", `network.no-proxy=["${GATEWAY}"]`);
    expect((await start("near", ":1")).err).toBe("");
    await machine.untilPhase("near", "running");
    expect(proxy.asked.length).toBe(before);
  },
  5 * MINUTES,
);
