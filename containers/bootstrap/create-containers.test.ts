import { expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/log.ts";
import type { BootstrapContainer } from "./configuration.ts";
import { createContainers } from "./create-containers.ts";

const WANTS = "run/systemd/system/bootstrap-containers.target.wants";
const container = (name: string, more: Partial<BootstrapContainer> = {}): BootstrapContainer => ({
  name,
  source: "registry.example/a:1",
  mode: "once",
  essential: false,
  userData: undefined,
  ...more,
});

test("createContainers() makes environment, user data and link, and takes away what is no longer wanted", async () => {
  const root = await mkdtemp(join(tmpdir(), "sparkler-bootstrap-"));
  try {
    const given = [container("a", { userData: "aGVsbG8=" }), container("b"), container("off", { mode: "off" })];
    expect(await createContainers(given, { root, log: silentLog })).toBe(true);
    expect((await readdir(join(root, WANTS))).toSorted()).toEqual([
      "bootstrap-containers@a.service",
      "bootstrap-containers@b.service",
    ]);
    expect(await readlink(join(root, WANTS, "bootstrap-containers@a.service"))).toBe(
      "/usr/lib/systemd/system/bootstrap-containers@.service",
    );
    expect(await readFile(join(root, "etc/bootstrap-containers/a.env"), "utf8")).toBe(
      "CTR_SOURCE=registry.example/a:1\nCTR_MODE=once\n",
    );
    const folder = join(root, "local/bootstrap-containers/a");
    expect(await readFile(join(folder, "user-data"), "utf8")).toBe("hello");
    expect([(await stat(folder)).mode & 0o777, (await stat(join(folder, "user-data"))).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    expect(await createContainers([container("a", { mode: "off" })], { root, log: silentLog })).toBe(true);
    expect(await readdir(join(root, WANTS))).toEqual([]);
    expect(await readdir(join(root, "etc/bootstrap-containers"))).toEqual([]);
    expect(await readdir(folder)).toEqual(["user-data"]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

test("createContainers() says no to a container without a source, and makes the others", async () => {
  const root = await mkdtemp(join(tmpdir(), "sparkler-bootstrap-"));
  try {
    const given = [container("a", { source: undefined }), container("b")];
    expect(await createContainers(given, { root, log: silentLog })).toBe(false);
    expect(await readdir(join(root, WANTS))).toEqual(["bootstrap-containers@b.service"]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
