/**
 * `ca-bundle`: makes the bundle of certificate authorities that programs trust, from that of the image and the settings.
 * Contracts section 9.3: bundles that are trusted are added, certificates of those that are not are taken out, wherever
 * they came from. A certificate that cannot be read stops it, and the bundle stays as it was.
 */
import { mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { type Command, stringOption } from "../../base/command.ts";
import { writeFileDurable } from "../../base/durable.ts";
import { Fault, fail, ok, orThrow, type Result } from "../../base/result.ts";
import { type Certificate, decodedPem, readCertificates } from "../types/pem-certificates.ts";

const SETTINGS = "/etc/sparkler/certificates.json";
const IMAGE_BUNDLE = "/usr/share/sparkler/ca-certificates.crt";
const BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

export type Bundles = Readonly<Record<string, { readonly data: string; readonly trusted: boolean }>>;

export const command: Command = {
  name: "ca-bundle",
  summary: `Make ${BUNDLE} from the image's bundle and ${SETTINGS}.`,
  options: { root: { type: "string", value: "FOLDER", summary: "Treat this folder as /" } },
  async run({ options, log }) {
    const root = stringOption(options, "root") ?? "/";
    const bundles = await readBundles(root);
    if (Object.keys(bundles).length === 0) {
      await linkToImage(root);
      log.info("The bundle of certificate authorities is the image's own", { path: BUNDLE });
      return 0;
    }
    const text = orThrow(assembleBundle(await read(root, IMAGE_BUNDLE), bundles));
    await writeFileDurable(join(root, BUNDLE), text, { mode: 0o644, parents: true });
    log.info("The bundle of certificate authorities is made", { path: BUNDLE });
    return 0;
  },
};

/** The text of the bundle: each certificate once, with a comment that names it. */
export function assembleBundle(image: string, bundles: Bundles): Result<string, "bad-certificate"> {
  const found = new Map<string, readonly Certificate[]>();
  for (const [name, { data }] of Object.entries(bundles)) {
    const certificates = certificatesOf(decodedPem(data), `the bundle "${name}"`);
    if (!certificates.ok) return certificates;
    found.set(name, certificates.value);
  }
  const own = certificatesOf(image, "the image's bundle");
  if (!own.ok) return own;
  const marked = (trusted: boolean): readonly Certificate[] =>
    Object.entries(bundles).flatMap(([name, bundle]) => (bundle.trusted === trusted ? (found.get(name) ?? []) : []));
  const distrusted = new Set(marked(false).map(({ fingerprint }) => fingerprint));
  const wanted = new Map<string, Certificate>();
  for (const each of [...own.value, ...marked(true)]) {
    if (!distrusted.has(each.fingerprint)) wanted.set(each.fingerprint, each);
  }
  return ok([...wanted.values()].map((each) => `# ${titleOf(each)}\n${each.pem}`).join("\n"));
}

/** As it is before anything is set. */
async function linkToImage(root: string): Promise<void> {
  const path = join(root, BUNDLE);
  await mkdir(dirname(path), { recursive: true });
  await rm(`${path}.new`, { force: true });
  await symlink(IMAGE_BUNDLE, `${path}.new`);
  await rename(`${path}.new`, path);
}

function certificatesOf(pem: string, what: string): Result<readonly Certificate[], "bad-certificate"> {
  try {
    return ok(readCertificates(pem));
  } catch (cause) {
    return fail(Fault.from("bad-certificate", `Cannot read every certificate of ${what}`, cause));
  }
}

function titleOf({ commonName, subject }: Certificate): string {
  return printable(commonName ?? subject);
}

/** A subject is whoever's words: one line of it, and nothing but text. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?").slice(0, 200);
}

async function readBundles(root: string): Promise<Bundles> {
  const schema = z.record(z.string(), z.object({ data: z.string(), trusted: z.boolean() }));
  let value: unknown;
  try {
    value = JSON.parse(await read(root, SETTINGS));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw Fault.from("not-read", `Cannot read "${SETTINGS}"`, cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Fault("not-read", `Cannot read "${SETTINGS}": wanted names, data and trusted`);
  return parsed.data;
}

async function read(root: string, path: string): Promise<string> {
  try {
    return await readFile(join(root, path), "utf8");
  } catch (cause) {
    throw Fault.from("not-read", `Cannot read "${path}"`, cause);
  }
}
