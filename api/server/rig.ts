/** A server of a fake engine on a socket of its own, and requests to it: the rig of this folder's tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, type Log } from "../../base/log.ts";
import { type Fault, ok, type Result } from "../../base/result.ts";
import type { EphemeralRequest } from "../../disk/ephemeral/request.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";
import { localProcesses } from "../exec/testing.ts";
import type { StartProcess } from "../exec/session.ts";
import { ApiServer } from "./server.ts";
import type { EphemeralStorage } from "./ephemeral-unit.ts";
import { type FakeEngine, fakeEngine } from "./testing.ts";

export type Seen = {
  readonly status: number;
  readonly text: string;
  /** What a JSON answer holds; undefined for other answers. */
  readonly json: unknown;
  readonly headers: Headers;
};

export class ServerRig implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "api-server-"));
  readonly socket: string = join(this.folder, "api.sock");
  /** What the server and its parts have logged. */
  readonly lines: string[] = [];
  readonly log: Log = createLog({ component: "test", level: "debug", write: (line) => void this.lines.push(line) });
  readonly engine: FakeEngine = fakeEngine({
    apply: () => this.applying(),
    generated: { "settings.network.hostname": "made" },
  });
  applying: () => Promise<Partial<ApplyOutcome>> = async () => ({});
  /** Disks that there are, and what was asked of them. */
  readonly ephemeral: { disks: readonly string[]; asked: EphemeralRequest[]; fault: Fault | undefined } = {
    disks: [],
    asked: [],
    fault: undefined,
  };
  rebooting: () => Promise<Result<unknown>> = async () => ok(undefined);
  startProcess: StartProcess = localProcesses("here");
  #server: ApiServer | undefined;

  static async start(): Promise<ServerRig> {
    const rig = new ServerRig();
    await rig.startServer();
    return rig;
  }

  async startServer(): Promise<void> {
    const { engine, socket, log, startProcess } = this;
    const reboot = (): Promise<Result<unknown>> => this.rebooting();
    const ephemeral: EphemeralStorage = {
      findDisks: async () => this.ephemeral.disks,
      carryOut: async (request) => {
        this.ephemeral.asked.push(request);
        if (this.ephemeral.fault !== undefined) throw this.ephemeral.fault;
      },
    };
    this.#server = await ApiServer.start({ engine, socketPath: socket, log, startProcess, reboot, ephemeral });
  }

  async stopServer(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServer();
    rmSync(this.folder, { recursive: true });
  }

  /** `body` is sent as it is when it is text or bytes, else as JSON. */
  async call(
    method: string,
    uri: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Seen> {
    const plain = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const sent = plain ? body : JSON.stringify(body);
    const response = await fetch(`http://localhost${uri}`, {
      unix: this.socket,
      method,
      keepalive: false,
      headers: { "Content-Type": "application/json", ...headers },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const json: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, text, json, headers: response.headers };
  }

  /** Bytes straight to the socket, and what comes back until the server closes or `ms` have passed. */
  raw(text: string, ms: number): Promise<string> {
    return new Promise((resolve) => {
      let got = "";
      const client = connect({ path: this.socket }, () => client.write(text));
      client.on("data", (chunk: Buffer) => (got += chunk.toString()));
      client.on("error", () => {}); // "close" follows
      client.on("close", () => resolve(got));
      setTimeout(() => client.destroy(), ms);
    });
  }
}
