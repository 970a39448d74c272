/** The add-on that asks the kernel who calls, compiled as for the image, on a real socket of this machine. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { silentLog } from "../../base/log.ts";
import { type Caller, loadFindCaller } from "../../api/peer/caller.ts";
import { compilePeer } from "../../image/boot-programs.ts";
import { toolRoot } from "../../image/tools.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-peer-"));
  await compilePeer({ root: await toolRoot("build"), work: folder }, "peer.node");
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the add-on gives pid, user and process of the program at the other end, and nothing for other descriptors", async () => {
  const findCaller = loadFindCaller(silentLog, join(folder, "peer.node"));
  const path = join(folder, "socket");
  const { promise, resolve } = Promise.withResolvers<Caller | undefined>();
  const listener = Bun.listen({
    unix: path,
    socket: {
      open(socket) {
        const fd: unknown = Reflect.get(socket, "fd");
        resolve(typeof fd === "number" ? findCaller(fd) : undefined);
        socket.end();
      },
      data() {},
    },
  });
  const script =
    "await Bun.connect({ unix: process.argv.at(-1), socket: { data() {}, close() { process.exit(0); } } });";
  const child = Bun.spawn([process.execPath, "-e", script, "--", path], { stdout: "ignore", stderr: "inherit" });
  try {
    expect(await promise).toEqual({
      uid: process.getuid?.() ?? -1,
      pid: child.pid,
      process: basename(process.execPath).slice(0, 15),
    });
    // Not the standard ones: a runner may have made them of sockets.
    await using file = await open(join(folder, "peer.node"), "r");
    for (const fd of [file.fd, -1, 99_999]) expect(findCaller(fd)).toBeUndefined();
  } finally {
    child.kill();
    await child.exited;
    listener.stop(true);
  }
});
