import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = join(import.meta.dir, "../sparkler.ts");

type Told = { readonly status: number; readonly out: string; readonly err: string };

/** `sparkler settings` as a program of its own, with `input` on its standard input. */
async function settings(args: readonly string[], input = ""): Promise<Told> {
  const child = Bun.spawn([process.execPath, program, "settings", ...args], {
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { status, out, err };
}

const FIVE = `[settings]
motdd = "hello"
[settings.ntp]
time-servers = ["10.0.0.1", "a b"]
[settings.kernel.sysctl]
"vm.swappiness" = 10
"a..b" = "1"
[settings.kubernetes]
cluster-name = "x"
`;

test("sparkler settings check names five places for five mistakes, and exits with 1", async () => {
  const folder = await mkdtemp(join(tmpdir(), "settings-check-"));
  try {
    const file = join(folder, "five.toml");
    await writeFile(file, FIVE);
    const { status, out, err } = await settings(["check", file]);
    const places = out.split("\n").map((line) => line.replace(`${file}:`, "").split(": ")[0]);
    expect([status, err, places]).toEqual([1, "", ["2:1", "4:29", "6:1", "7:1", "8:11", ""]]);
    expect(out).toContain('did you mean "motd"?');
  } finally {
    await rm(folder, { recursive: true });
  }
}, 30_000);

test("sparkler settings check reads standard input, and answers in JSON", async () => {
  const bad = await settings(["check", "--json", "-"], '{"settings": {"motd": 5}}');
  expect(bad.status).toBe(1);
  expect(JSON.parse(bad.out)).toMatchObject([
    { file: "-", ok: false, problems: [{ path: "settings.motd", line: 1, column: 15 }] },
  ]);
  const good = await settings(["check", "-"], "[settings]\nmotd = 'hi'\n");
  expect(good).toEqual({ status: 0, out: "-: nothing wrong\n", err: "" });
}, 30_000);

test("sparkler settings check exits with 1 for no such file, with 2 when used wrongly", async () => {
  const missing = await settings(["check", "/nonexistent/x.toml"]);
  expect([missing.status, missing.out]).toEqual([1, ""]);
  expect(missing.err).toContain('Cannot read "/nonexistent/x.toml"');
  expect((await settings(["check"])).status).toBe(2);
  expect((await settings(["check", "--variant", "A B", "-"])).status).toBe(2);
}, 30_000);

test("sparkler settings schema prints a schema, also of one variant", async () => {
  const { status, out } = await settings(["schema", "--variant", "qemu-dev"]);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ properties: { settings: { properties: { motd: { type: "string" } } } } });
}, 30_000);
