/** A certificate of an authority of a test's own, made by OpenSSL of the tools. */
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";

/** PEM, valid for a day; `name` is its common name. */
export async function makeCertificate(name: string): Promise<string> {
  const subject = `/CN=${name}`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"];
  const argv = ["/usr/bin/openssl", "req", "-x509", ...key, "-subj", subject, "-days", "1"] as const;
  const root = await toolRoot("build");
  return orThrow(await run(sandboxArgv({ root, binds: [], argv, cwd: "/" }))).stdout;
}
