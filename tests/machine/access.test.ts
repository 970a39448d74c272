/**
 * How an operator gets into a machine, by the commands that the README prints: sessions in the control container, and SSH
 * into the admin container, from which a root shell leads to the machine itself.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";

const MINUTES = 60_000;
const repository = fileURLToPath(new URL("../..", import.meta.url));
const NAME = "access-test";

type Ended = { readonly status: number; readonly out: string; readonly err: string };

async function sparkler(words: readonly string[], input?: Uint8Array): Promise<Ended> {
  const child = Bun.spawn(["./sparkler", ...words], {
    cwd: repository,
    stdin: input ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { status: await child.exited, out, err };
}

function shell(...words: readonly string[]): Promise<Ended> {
  return sparkler(["shell", "--name", NAME, "--", ...words]);
}

function ssh(...words: readonly string[]): Promise<Ended> {
  return sparkler(["ssh", "--name", NAME, "--", ...words]);
}

/** What a command that works puts out. */
async function said(ended: Promise<Ended>): Promise<string> {
  const { status, out, err } = await ended;
  if (status !== 0) throw new Error(`ended with ${status}: ${out}${err}`);
  return out;
}

beforeAll(async () => {
  await said(sparkler(["up", "--name", NAME, "--fresh"]));
}, 10 * MINUTES);

afterAll(async () => {
  await sparkler(["down", "--name", NAME, "--delete"]);
}, 2 * MINUTES);

describe("sparkler shell", () => {
  test(
    "runs a command where the API is at hand",
    async () => {
      const settings: unknown = JSON.parse(await said(shell("apiclient", "-u", "/settings")));
      expect(settings).toMatchObject({ "host-containers": { control: { enabled: true } } });
    },
    5 * MINUTES,
  );

  test(
    "ends as the command does",
    async () => {
      expect((await shell("sh", "-c", "exit 3")).status).toBe(3);
      expect((await shell("sh", "-c", "kill -TERM $$")).status).toBe(128 + 15);
      const missing = await shell("/no/such/program");
      expect([missing.status, missing.err]).toEqual([1, expect.stringContaining("/no/such/program")]);
    },
    4 * MINUTES,
  );

  test(
    "hands input and output through, several at once",
    async () => {
      const input = new Uint8Array(300_000).fill(65);
      const counts = await Promise.all(
        [1, 2, 3, 4].map((times) =>
          said(sparkler(["shell", "--name", NAME, "--", "wc", "-c"], input.subarray(0, times * 75_000))),
        ),
      );
      expect(counts.map(Number)).toEqual([75_000, 150_000, 225_000, 300_000]);
    },
    4 * MINUTES,
  );

  test(
    "is a terminal for a terminal: its size, what is typed, its status",
    async () => {
      const typed = Buffer.from("stty size; tty; exit 5\n");
      const line = `stty rows 31 cols 117; ./sparkler shell --name ${NAME}`;
      const child = Bun.spawn(["/usr/bin/script", "--quiet", "--return", "--command", line, "/dev/null"], {
        cwd: repository,
        stdin: "pipe",
        stdout: "pipe",
        stderr: "inherit",
      });
      const reading = child.stdout.text();
      // Typed once the session is there; before, it would be for whoever asks for it first.
      await Bun.sleep(15_000);
      void child.stdin.write(typed);
      await child.stdin.flush();
      const status = await child.exited;
      expect([status, await reading]).toEqual([5, expect.stringMatching(/31 117[^]*\/dev\/pts\/\d/)]);
    },
    4 * MINUTES,
  );

  test(
    "and so do the API's own words",
    async () => {
      expect(await said(sparkler(["api", "--name", NAME, "exec", "control", "--", "uname", "-a"]))).toContain("Linux");
    },
    2 * MINUTES,
  );
});

describe("sparkler ssh", () => {
  test(
    "the admin container is enabled from the control container",
    async () => {
      await said(shell("enable-admin-container"));
      expect(
        JSON.parse(await said(sparkler(["api", "--name", NAME, "get", "settings.host-containers.admin.enabled"]))),
      ).toEqual({
        settings: { "host-containers": { admin: { enabled: true } } },
      });
    },
    8 * MINUTES,
  );

  test(
    "leads into it as ec2-user, and by sheltie to the machine as root",
    async () => {
      expect(await said(ssh("id", "-un"))).toBe("ec2-user\n");
      expect(await said(ssh("sudo", "sheltie", "id", "-un"))).toBe("root\n");
      expect(await said(ssh("sudo", "sheltie", "cat", "/etc/os-release"))).toContain("ID=sparkler");
      expect(await said(ssh("sudo", "sheltie", "systemctl", "is-active", "multi-user.target"))).toBe("active\n");
      const listed = await said(
        ssh("sudo", "sheltie", "ctr", "--address", "/run/host-containerd/containerd.sock", "task", "list"),
      );
      expect(listed).toContain("admin");
      expect((await ssh("sh", "-c", "exit 9")).status).toBe(9);
    },
    10 * MINUTES,
  );

  test(
    "knows the machine again when the container is made anew: its keys are kept",
    async () => {
      for (const enabled of [false, true]) {
        await said(sparkler(["api", "--name", NAME, "set", `host-containers.admin.enabled=${enabled}`]));
      }
      expect(await said(ssh("id", "-un"))).toBe("ec2-user\n");
    },
    8 * MINUTES,
  );
});
