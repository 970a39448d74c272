/**
 * Names of images: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]` (grammar of the distribution project's reference package). A name
 * without a host is one of docker.io, and one without tag and digest means `latest`.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type Reference = {
  /** As it was given: the name under which containerd keeps the image. */
  readonly name: string;
  /** Host with its port, as people write it: `docker.io`, `localhost:5000`. */
  readonly host: string;
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…`; counts more than the tag. */
  readonly digest: string | undefined;
};

const MAX_NAME = 4096;
const host =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?$/;
const address = /^\[[0-9a-fA-F:]+\](?::[0-9]{1,5})?$/;
const repository = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
export const digestPattern: RegExp = /^sha256:[0-9a-f]{64}$/;

export function parseReference(name: string): Result<Reference, "invalid-reference"> {
  if (name.length > MAX_NAME) return invalid(`${name.slice(0, 60)}…`, `it is longer than ${MAX_NAME} characters`);
  const [named = "", digest, ...more] = name.split("@");
  if (more.length > 0) return invalid(name, "it has more than one digest");
  if (digest !== undefined && !digestPattern.test(digest))
    return invalid(name, "the digest is not sha256:… in 64 digits");
  const slash = named.indexOf("/");
  const first = slash === -1 ? "" : named.slice(0, slash);
  const hasHost = first === "localhost" || /[.:[\]]/.test(first) || first !== first.toLowerCase();
  const rest = hasHost ? named.slice(slash + 1) : named;
  if (hasHost && !host.test(first) && !address.test(first)) return invalid(name, `"${first}" is not a host`);
  const colon = rest.lastIndexOf(":");
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const given = colon === -1 ? undefined : rest.slice(colon + 1);
  if (!repository.test(path)) return invalid(name, `"${path}" is not a path of lower-case words`);
  if (given !== undefined && !tag.test(given)) return invalid(name, `"${given}" is not a tag`);
  const place = hasHost ? first : "docker.io";
  return ok({
    name,
    host: place,
    repository: place === "docker.io" && !path.includes("/") ? `library/${path}` : path,
    tag: given ?? (digest === undefined ? "latest" : undefined),
    digest,
  });
}

function invalid(name: string, why: string): Result<never, "invalid-reference"> {
  return fail(new Fault("invalid-reference", `Cannot use the image name "${name}": ${why}`));
}
