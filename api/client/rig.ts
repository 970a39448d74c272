/** The real engine behind the real server on a socket of its own, and `apiclient` run against it: the rig of tests. */
import { join } from "node:path";
import { silentLog } from "../../base/log.ts";
import { ok } from "../../base/result.ts";
import type { Status } from "../../containers/host/status.ts";
import type { EphemeralRequest } from "../../disk/ephemeral/request.ts";
import type { Engine } from "../../settings/engine.ts";
import { TestMachine } from "../../settings/testing.ts";
import type { Limits } from "../http/limits.ts";
import { localProcesses } from "../exec/testing.ts";
import { ApiServer } from "../server/server.ts";
import type { UnitFailure } from "../server/unit-failures.ts";
import { runApiclient } from "./apiclient.ts";
import type { ExecConsole } from "./exec-console.ts";

export type Ended = { readonly code: number; readonly out: string; readonly err: string };

export type RunOptions = {
  readonly stdin?: string;
  readonly people?: boolean;
  readonly signal?: AbortSignal;
  readonly console?: ExecConsole;
  /** Called with all that was put out so far. */
  readonly onOut?: (out: string) => void;
};

export class ClientRig implements AsyncDisposable {
  readonly machine: TestMachine;
  readonly socket: string;
  /** Tells listeners that a unit has failed; undefined while nobody listens. */
  failUnit: ((failure: UnitFailure) => void) | undefined;
  /** What was asked of ephemeral disks, of which there is one. */
  readonly asked: EphemeralRequest[] = [];
  /** What runners say of their containers. */
  readonly statuses: Map<string, Status> = new Map();
  /** How often a reboot was asked for. */
  reboots = 0;
  #server: ApiServer | undefined;
  #engine: Engine | undefined;

  private constructor(machine: TestMachine) {
    this.machine = machine;
    this.socket = join(machine.root, "api.sock");
  }

  static async start(limits: Partial<Limits> = {}): Promise<ClientRig> {
    const rig = new ClientRig(await TestMachine.make());
    rig.#engine = await rig.machine.open();
    rig.#server = await ApiServer.start({
      engine: rig.#engine,
      socketPath: rig.socket,
      log: silentLog,
      limits,
      reboot: async () => {
        rig.reboots += 1;
        return ok({});
      },
      startProcess: localProcesses("here"),
      hostContainerStatuses: async () => rig.statuses,
      ephemeral: {
        findDisks: async () => ["/dev/disk/ephemeral/nvme-a"],
        carryOut: async (request) => void rig.asked.push(request),
      },
      watchUnits: (failed) => {
        rig.failUnit = failed;
        return () => {
          rig.failUnit = undefined;
        };
      },
    });
    return rig;
  }

  /** Runs one command line with its words given as one text, split at blanks, or one by one. */
  async run(
    words: string | readonly string[],
    { stdin = "", people = false, signal, console, onOut }: RunOptions = {},
  ): Promise<Ended> {
    let [out, err] = ["", ""];
    const code = await runApiclient(typeof words === "string" ? words.split(" ") : words, {
      socketPath: this.socket,
      out: (text) => {
        out += text;
        onOut?.(out);
      },
      err: (text) => void (err += text),
      stdin: async () => stdin,
      people,
      environment: { NO_COLOR: "1" },
      ...(signal === undefined ? {} : { signal }),
      ...(console === undefined ? {} : { console }),
    });
    return { code, out, err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    await this.machine[Symbol.asyncDispose]();
  }
}
