/** Real small stand-ins for tests of what stands on the engine: a temporary root, and a runner that only writes down. */
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../base/log.ts";
import { Fault, fail, ok } from "../base/result.ts";
import type { ServiceRunner } from "./apply/outcome.ts";
import { type Engine, type EngineOptions, openEngine, type OsInfo, storePath } from "./engine.ts";

export const testOs: OsInfo = {
  pretty_name: "Sparkler 0.1.0",
  variant_id: "test",
  version_id: "0.1.0",
  build_id: "0",
  arch: "x86_64",
};

export type Ran = { readonly command: string; readonly environment: Readonly<Record<string, string>> };

export class TestMachine implements AsyncDisposable {
  readonly root: string;
  readonly ran: Ran[] = [];
  /** Commands that begin with any of these fail. */
  readonly broken: Set<string> = new Set();
  readonly #open: Engine[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<TestMachine> {
    const machine = new TestMachine(await mkdtemp(join(tmpdir(), "settings-")));
    await machine.write("etc/machine-id", `${"0123456789abcdef".repeat(2)}\n`);
    return machine;
  }

  get folder(): string {
    return join(this.root, "var/lib/sparkler/settings");
  }

  readonly runner: ServiceRunner = (argv, environment) => {
    const command = argv.join(" ");
    this.ran.push({ command, environment });
    const bad = [...this.broken].some((start) => command.startsWith(start));
    return Promise.resolve(bad ? fail(new Fault("exit-status", `Cannot run "${command}": exit status 1`)) : ok({}));
  };

  async open(options: Partial<EngineOptions> = {}): Promise<Engine> {
    const version = options.version ?? testOs.version_id;
    const engine = await openEngine({
      storePath: storePath(this.folder, version),
      version,
      log: silentLog,
      root: this.root,
      serviceRunner: this.runner,
      os: testOs,
      ...options,
    });
    this.#open.push(engine);
    return engine;
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(join(this.root, path, ".."), { recursive: true });
    await writeFile(join(this.root, path), content);
  }

  read(path: string): Promise<string> {
    return Bun.file(join(this.root, path)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#open) await engine.close();
    await rm(this.root, { recursive: true, force: true });
  }
}
