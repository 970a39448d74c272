/**
 * Signing of what the firmware starts: selector and kernel image (Authenticode, as UEFI 2.10 §32.2 has it). Firmware
 * looks at it once Secure Boot is on; until then the selector holds the kernel image to its checksum.
 */
import { copyFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import { type BuildTools, runTool } from "../format/build-tools.ts";
import { SOURCE_DATE_EPOCH } from "../sandbox.ts";
import { developmentKey } from "./development-key.ts";

/** Files of the operator's own key and its certificate, both PEM. */
export type KeyFiles = { readonly key: string; readonly certificate: string };

export const SIGNING_KEY = "signing.key";
/** Below the work folder; it also becomes part of the image's outputs, to be enrolled and to verify against. */
export const SIGNING_CERTIFICATE = "signing.crt";

const NOT_BEFORE = "20250101000000Z";
const NOT_AFTER = "20991231235959Z";

/** Puts the key and its certificate into the work folder. Without files of the operator's the development key is used. */
export async function placeKey(tools: BuildTools, files: KeyFiles | undefined): Promise<void> {
  const at = (name: string): string => join(tools.work, name);
  if (files !== undefined) {
    await copy(files.key, at(SIGNING_KEY));
    await copy(files.certificate, at(SIGNING_CERTIFICATE));
    return;
  }
  await writeFile(at(SIGNING_KEY), developmentKey(), { mode: 0o600 });
  await runTool(tools, [
    "/usr/bin/openssl",
    "req",
    "-new",
    "-x509",
    "-sha256",
    "-key",
    `/work/${SIGNING_KEY}`,
    "-subj",
    "/CN=Sparkler development images, not to be trusted/",
    "-set_serial",
    "1",
    "-not_before",
    NOT_BEFORE,
    "-not_after",
    NOT_AFTER,
    "-out",
    `/work/${SIGNING_CERTIFICATE}`,
  ]);
}

/** Signs a PE file of the work folder in place. */
export async function signPe(tools: BuildTools, file: string): Promise<void> {
  await runTool(tools, [
    "/usr/bin/osslsigncode",
    "sign",
    "-certs",
    `/work/${SIGNING_CERTIFICATE}`,
    "-key",
    `/work/${SIGNING_KEY}`,
    "-h",
    "sha256",
    "-time",
    String(SOURCE_DATE_EPOCH),
    "-in",
    `/work/${file}`,
    "-out",
    `/work/${file}.signed`,
  ]);
  await rename(join(tools.work, `${file}.signed`), join(tools.work, file));
}

/** Throws with the tool's words unless a PE file carries a good signature of the certificate. Both below the work folder. */
export async function verifyPe(tools: BuildTools, file: string, certificate: string): Promise<void> {
  await runTool(tools, [
    "/usr/bin/osslsigncode",
    "verify",
    "-ignore-timestamp",
    "-CAfile",
    `/work/${certificate}`,
    "-time",
    String(SOURCE_DATE_EPOCH + 1),
    "-in",
    `/work/${file}`,
  ]);
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (cause) {
    throw Fault.from("key-missing", `Cannot read the signing file "${from}"`, cause);
  }
}
