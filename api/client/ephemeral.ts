/** `ephemeral-storage` as requests. */
import { orThrow } from "../../base/result.ts";
import type { Api } from "./connection.ts";
import type { EphemeralRequest } from "./requests.ts";

const BASE = "/actions/ephemeral-storage";
/** As the contract has the names of file systems in the body. */
const written = { xfs: "Xfs", ext4: "Ext4" } as const;

/** What is to be printed. Throws the fault of the request. */
export async function runEphemeral(request: EphemeralRequest, api: Api): Promise<string> {
  if (request.kind === "list") {
    const { body } = orThrow(await api({ method: "GET", uri: `${BASE}/${request.what}?format=${request.format}` }));
    return body === "" || body.endsWith("\n") ? body : `${body}\n`;
  }
  if (request.kind === "init") {
    const { fileSystem, disks } = request;
    const body = { filesystem: fileSystem === undefined ? null : written[fileSystem], disks: disks ?? null };
    orThrow(await api({ method: "POST", uri: `${BASE}/init`, body: JSON.stringify(body) }));
  } else {
    orThrow(await api({ method: "POST", uri: `${BASE}/bind`, body: JSON.stringify({ targets: request.dirs }) }));
  }
  return "";
}
