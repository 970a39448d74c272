/**
 * The probe inside a test image: answers questions about files and runs programs, over a virtio-serial port of its own
 * that speaks as the control channel does. It depends on nothing that is under test but that channel's code.
 */
import { lstat, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import type { Stats } from "node:fs";
import { PortDevice } from "../../api/channel/device.ts";
import { serveGuest } from "../../api/channel/guest.ts";
import { silentLog } from "../../base/log.ts";
import { reason } from "../../base/result.ts";
import { type Question, question, type Ran, type Stat } from "./question.ts";

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
      return (await writeFile(asked.path, asked.text)) ?? null;
    case "run":
      return start(asked.argv);
    default:
      return undefined;
  }
}

async function start(argv: readonly string[]): Promise<Ran> {
  const child = Bun.spawn([...argv], { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: { LC_ALL: "C.UTF-8" } });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { status: await child.exited, stdout, stderr };
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
