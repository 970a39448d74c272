/** Certificates of an authority of a test's own, made by OpenSSL of the tools. */
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";

/** PEM, valid for a day; `name` is its common name. */
export async function makeCertificate(name: string): Promise<string> {
  return (await makeIdentity(name)).certificate;
}

/** A certificate that is its own authority, for a server at `address`, and its key: PEM. */
export async function makeIdentity(
  name: string,
  address?: string,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "-"];
  const names = address === undefined ? [] : ["-addext", `subjectAltName=IP:${address}`];
  const subject = ["-subj", `/CN=${name}`, "-days", "1", ...names];
  const argv = ["/usr/bin/openssl", "req", "-x509", ...kind, ...subject] as const;
  const root = await toolRoot("build");
  const { stdout } = orThrow(await run(sandboxArgv({ root, binds: [], argv, cwd: "/" })));
  return { certificate: blockOf("CERTIFICATE", stdout), key: blockOf("PRIVATE KEY", stdout) };
}

function blockOf(kind: string, text: string): string {
  const block = new RegExp(`-----BEGIN ${kind}-----[^-]+-----END ${kind}-----\\n`).exec(text)?.[0];
  if (block === undefined) throw new Error(`openssl gave no ${kind}`);
  return block;
}
