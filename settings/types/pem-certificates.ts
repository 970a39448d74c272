/**
 * Certificates: nothing, or base64 of one or more PEM blocks, each an X.509 certificate. Contracts section 14.1.
 * The library is loaded when there is something to parse; most starts of a program have nothing.
 */
import * as z from "zod";
import { validBase64 } from "./valid-base64.ts";

/** A CA bundle of the usual kind has 200 KiB; this is base64, so a third more. */
const MAX_LENGTH = 512 * 1024;

export const pemCertificates: z.ZodType<string, string> = z
  .string()
  .pipe(z.string().max(MAX_LENGTH, `must have ${MAX_LENGTH} characters at most`))
  .pipe(validBase64)
  .superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });

/** One certificate; `subject` in the form of one line, `pem` with a line break at its end. */
export type Certificate = {
  readonly subject: string;
  readonly commonName: string | undefined;
  /** SHA-256 of the certificate's bytes: two blocks of the same certificate have the same. */
  readonly fingerprint: string;
  readonly pem: string;
};

/** The certificates in PEM text; text around the blocks is left out. Throws what the parser throws on a bad one. */
export function readCertificates(pem: string): readonly Certificate[] {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  return blocksOf(pem).map((block) => {
    const { subject, fingerprint256, raw } = new X509Certificate(block);
    const commonName = /^CN=(.*)$/m.exec(subject)?.[1];
    const body = raw.toString("base64").replace(/.{1,64}/g, "$&\n");
    return {
      subject: subject.replaceAll("\n", ", "),
      commonName,
      fingerprint: fingerprint256,
      pem: `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`,
    };
  });
}

/** The text that base64 of PEM stands for. */
export function decodedPem(data: string): string {
  return Buffer.from(data, "base64").toString("latin1");
}

function blocksOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

function problemOf(data: string): string | undefined {
  const pem = decodedPem(data);
  if (pem.trim() === "") return undefined;
  const begun = pem.split(/-----BEGIN [^-]*-----/).length - 1;
  const whole = blocksOf(pem).length;
  if (whole === 0) return "must hold certificates in PEM form";
  if (whole !== begun) return "must hold whole certificates in PEM form, and nothing else in that form";
  try {
    readCertificates(pem);
    return undefined;
  } catch {
    return "must hold X.509 certificates; one of them cannot be read"; // the parser has no words for people
  }
}
