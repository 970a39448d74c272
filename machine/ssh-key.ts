/** A machine's own key for its admin container, made when it is first wanted and kept with the machine. */
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault, orThrow } from "../base/result.ts";
import { run } from "../base/run.ts";
import { files } from "./paths.ts";

const SSH_KEYGEN = "/usr/bin/ssh-keygen";

/** The public key, in one line. Throws `no-ssh` where OpenSSH is missing. */
export async function sshPublicKey(folder: string, comment: string): Promise<string> {
  const path = join(folder, files.sshKey);
  if (!existsSync(path)) await makeKey(path, comment);
  return (await readFile(`${path}.pub`, "utf8")).trim();
}

/** Under another name first, so that there is never half a pair where one is looked for. */
async function makeKey(path: string, comment: string): Promise<void> {
  if (!existsSync(SSH_KEYGEN)) {
    throw new Fault("no-ssh", `Cannot make a key: there is no "${SSH_KEYGEN}"; install the OpenSSH client`);
  }
  const made = `${path}.new`;
  for (const name of [made, `${made}.pub`, `${path}.pub`]) await rm(name, { force: true });
  orThrow(await run([SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", made], { timeoutMs: 30_000 }));
  await rename(`${made}.pub`, `${path}.pub`);
  await rename(made, path);
}
