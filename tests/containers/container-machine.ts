/** A machine for tests of containers, with a registry on this machine that it is told of, and a way into its containers. */
import * as z from "zod";
import { SettingsMachine } from "../settings/settings-machine.ts";
import type { Ran } from "../probe/question.ts";
import { TestRegistry } from "./registry.ts";

const RUNC_ROOT = "/run/host-containerd/runc/default";

export class ContainerMachine implements AsyncDisposable {
  readonly base: SettingsMachine;
  readonly registry: TestRegistry;

  private constructor(base: SettingsMachine, registry: TestRegistry) {
    this.base = base;
    this.registry = registry;
  }

  /** Boots with these settings (TOML below the mirror of the registry, which `images` fills first). */
  static async boot(
    images: (registry: TestRegistry) => Promise<void>,
    settings: (registry: TestRegistry) => string,
    extra: readonly string[] = [],
  ): Promise<ContainerMachine> {
    const registry = TestRegistry.start();
    try {
      await images(registry);
      const mirror = `[[settings.container-registry.mirrors]]\nregistry = "registry.example"\nendpoint = ["${registry.url}"]\n`;
      return new ContainerMachine(await SettingsMachine.boot(`${mirror}${settings(registry)}`, extra), registry);
    } catch (thrown) {
      await registry[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Runs a command in a host container, as root and with nothing but what the container has. */
  async inside(container: string, ...argv: readonly string[]): Promise<Ran> {
    return this.base.probe.run("/usr/sbin/runc", "--root", RUNC_ROOT, "exec", container, ...argv);
  }

  /** How far a host container is, as its runner says. */
  async phase(name: string): Promise<string> {
    const text = await this.base.file(`/run/host-containers/${name}/status`);
    return text === undefined ? "none" : z.object({ phase: z.string() }).parse(JSON.parse(text)).phase;
  }

  async untilPhase(name: string, phase: string, timeoutMs?: number): Promise<void> {
    await this.base.probe.until(
      () => this.phase(name),
      (seen) => seen === phase,
      timeoutMs,
    );
  }

  /** Process 1 of a host container, as the host numbers it. */
  async pid(name: string): Promise<number> {
    const state = await this.base.probe.output("/usr/sbin/runc", "--root", RUNC_ROOT, "state", name);
    return z.object({ pid: z.number() }).parse(JSON.parse(state)).pid;
  }

  /** The journal of a unit since this boot. */
  async journal(unit: string): Promise<string> {
    return this.base.probe.output("/usr/bin/journalctl", "--boot", "--no-pager", "--output=cat", "--unit", unit);
  }

  /** Names of what containerd has unpacked or written to for host containers. */
  async snapshots(): Promise<readonly string[]> {
    return this.base.probe.list("/var/lib/host-containerd/io.containerd.snapshotter.v1.overlayfs/snapshots");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base[Symbol.asyncDispose]();
    await this.registry[Symbol.asyncDispose]();
  }
}
