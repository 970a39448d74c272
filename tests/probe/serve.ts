/**
 * The probe inside a test image: answers questions about files and runs programs, over a virtio-serial port of its own
 * that speaks as the control channel does. It depends on nothing that is under test but that channel's code, and for
 * calls of containerd on the client of the product.
 */
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Stats } from "node:fs";
import { PortDevice } from "../../api/channel/device.ts";
import { serveGuest } from "../../api/channel/guest.ts";
import { silentLog } from "../../base/log.ts";
import { reason } from "../../base/result.ts";
import type { Message } from "../../containers/containerd/message.ts";
import { type Asked, type Question, question, type Ran, type Stat } from "./question.ts";

const PORT = "/dev/virtio-ports/org.sparkler.probe";
const SOCKET = "/run/probe.sock";

export async function serveProbe(): Promise<void> {
  process.umask(0o077);
  Bun.serve({ unix: SOCKET, fetch: respond });
  using device = new PortDevice(PORT);
  await serveGuest({ device, apiSocket: SOCKET, log: silentLog });
}

async function respond(request: Request): Promise<Response> {
  try {
    return Response.json(await answer(question.parse(await request.json())));
  } catch (thrown) {
    return Response.json({ error: reason(thrown) }, { status: 404 });
  }
}

async function answer(asked: Question): Promise<unknown> {
  switch (asked.ask) {
    case "read":
      return readFile(asked.path, "utf8");
    case "list":
      return (await readdir(asked.path)).toSorted();
    case "stat":
      return describe(asked.path, await lstat(asked.path));
    case "write":
      await mkdir(dirname(asked.path), { recursive: true });
      return (await writeFile(asked.path, asked.text)) ?? null;
    case "run":
      return start(asked.argv);
    case "call":
      return call(asked);
    default:
      return undefined;
  }
}

async function start(argv: readonly string[]): Promise<Ran> {
  const child = Bun.spawn([...argv], { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: { LC_ALL: "C.UTF-8" } });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { status: await child.exited, stdout, stderr };
}

/** A message as it is. */
const unread: Message<{ readonly base64: string }> = {
  encode: ({ base64 = "" }) => Buffer.from(base64, "base64"),
  decode: (bytes) => ({ base64: Buffer.from(bytes).toString("base64") }),
};

async function call({ socket, path, message }: Asked): Promise<string> {
  const { Containerd } = await import("../../containers/containerd/connection.ts");
  using containerd = new Containerd({ socket, namespace: "k8s.io" });
  const which = { path, input: unread, output: unread };
  return (await containerd.call(which, { base64: message }, { timeoutMs: 240_000 })).base64;
}

async function describe(path: string, found: Stats): Promise<Stat> {
  return {
    kind: kindOf(found),
    mode: (found.mode & 0o7777).toString(8).padStart(4, "0"),
    uid: found.uid,
    gid: found.gid,
    size: found.size,
    target: found.isSymbolicLink() ? await readlink(path) : null,
  };
}

function kindOf(found: Stats): Stat["kind"] {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "folder";
  if (found.isSymbolicLink()) return "link";
  if (found.isSocket()) return "socket";
  return found.isBlockDevice() || found.isCharacterDevice() ? "device" : "other";
}
