/** `apiserver`: opens the settings of this OS version and serves them on a Unix socket. Contracts section 5.1. */
import { mkdir } from "node:fs/promises";
import { type Command, type Values, stringOption } from "../../base/command.ts";
import type { Log } from "../../base/log.ts";
import { run } from "../../base/run.ts";
import { systemServiceRunner } from "../../settings/apply/system-runner.ts";
import { systemUnits } from "../../settings/apply/system-units.ts";
import { type Engine, openEngine, storePath } from "../../settings/engine.ts";
import { DEFAULT_SOCKET, logLevelOption, socketOption } from "../program.ts";
import { notifyReady } from "../../base/notify.ts";
import { OS_RELEASE, readOsInfo } from "./os-release.ts";
import { ApiServer, EXEC_SOCKET } from "./server.ts";

const DEFAULTS = { folder: "/var/lib/sparkler/settings", gid: "274" };

export const command: Command = {
  name: "apiserver",
  summary: "Serve the settings of this machine on a Unix socket",
  options: {
    "datastore-path": {
      type: "string",
      value: "FOLDER",
      summary: `Where settings are kept (default ${DEFAULTS.folder})`,
    },
    ...socketOption,
    "socket-gid": { type: "string", value: "GID", summary: `Group that may connect (default ${DEFAULTS.gid})` },
    "exec-socket-path": {
      type: "string",
      value: "FILE",
      summary: `Socket of the containerd in whose containers "exec" runs processes (default ${EXEC_SOCKET})`,
    },
    "os-release": {
      type: "string",
      value: "FILE",
      summary: `What the image says about itself (default ${OS_RELEASE})`,
    },
    root: { type: "string", value: "FOLDER", summary: "Folder to treat as / for the files that settings make" },
    ...logLevelOption,
  },
  async run({ options, log }) {
    const gid = stringOption(options, "socket-gid") ?? DEFAULTS.gid;
    if (!/^\d{1,9}$/.test(gid)) {
      process.stderr.write(`apiserver: "--socket-gid" wants a number, got "${gid}"\n`);
      return 2;
    }
    const stop = stopSignal();
    const { promise: damage, resolve: onDamage } = Promise.withResolvers<void>();
    const engine = await open(options, log, onDamage);
    try {
      const socketPath = stringOption(options, "socket-path") ?? DEFAULT_SOCKET;
      const execSocketPath = stringOption(options, "exec-socket-path") ?? EXEC_SOCKET;
      const served = { engine, socketPath, socketGid: Number(gid), execSocketPath, log, reboot };
      await using _server = await ApiServer.start(served);
      log.info("API answers", { socket: socketPath });
      await notifyReady(process.env["NOTIFY_SOCKET"], log);
      // A damaged store is made anew when it is opened: the unit starts this program again.
      return await Promise.race([stop.then(() => 0), damage.then(() => 1)]);
    } finally {
      await engine.close();
    }
  },
};

async function open(options: Values, log: Log, onDamage: () => void): Promise<Engine> {
  const os = await readOsInfo(stringOption(options, "os-release"));
  const folder = stringOption(options, "datastore-path") ?? DEFAULTS.folder;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const root = stringOption(options, "root");
  const engine = await openEngine({
    storePath: storePath(folder, os.version_id),
    version: os.version_id,
    log,
    serviceRunner: systemServiceRunner,
    units: systemUnits,
    onDamage,
    os,
    ...(root === undefined ? {} : { root }),
  });
  const applied = engine.lastApply()?.generation;
  if (applied !== undefined && applied < engine.generation()) {
    log.warn("The last settings are not applied yet", { generation: engine.generation(), applied });
  }
  return engine;
}

/** Checks inhibitors, so that a machine that must not go down now says so. */
function reboot(): ReturnType<typeof run> {
  return run(["/usr/bin/systemctl", "reboot", "--check-inhibitors=yes"], { timeoutMs: 20_000 });
}

/** Resolves at SIGTERM or SIGINT, also when it comes before anybody waits. */
function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once("SIGTERM", () => resolve());
  process.once("SIGINT", () => resolve());
  return promise;
}
