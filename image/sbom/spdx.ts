/**
 * The software bill of materials: an SPDX 2.3 document in JSON (ISO/IEC 5962:2021 and its update; the section numbers
 * here are of SPDX 2.3). It describes the image, which contains Debian packages and Sparkler's executable, which
 * contains npm packages. Same input, same text.
 */
import { derivedUuid } from "../format/uuid.ts";
import { type Component, purl } from "./components.ts";

export type SpdxInput = {
  /** Name of the image, e.g. `sparkler-qemu-dev-x86_64`. */
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  /** Seconds since 1970, as SOURCE_DATE_EPOCH has them. */
  readonly created: number;
  readonly packages: readonly Component[];
};

export type SpdxPackage = {
  /** §7.1 */
  readonly name: string;
  /** §7.2 */
  readonly SPDXID: string;
  /** §7.3 */
  readonly versionInfo: string;
  /** §7.5 */
  readonly supplier: string;
  /** §7.7 */
  readonly downloadLocation: string;
  /** §7.8; true would ask for a verification code and a list of files. */
  readonly filesAnalyzed: false;
  /** §7.10 */
  readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  /** §7.13 */
  readonly licenseConcluded: string;
  /** §7.15 */
  readonly licenseDeclared: string;
  /** §7.17 */
  readonly copyrightText: string;
  /** §7.21 */
  readonly externalRefs?: readonly {
    readonly referenceCategory: string;
    readonly referenceType: string;
    readonly referenceLocator: string;
  }[];
  /** §7.24 */
  readonly primaryPackagePurpose: string;
};

/** §11.1 */
export type SpdxRelationship = {
  readonly spdxElementId: string;
  readonly relationshipType: "DESCRIBES" | "CONTAINS";
  readonly relatedSpdxElement: string;
};

export type SpdxDocument = {
  /** §6.1 */
  readonly spdxVersion: "SPDX-2.3";
  /** §6.2 */
  readonly dataLicense: "CC0-1.0";
  /** §6.3 */
  readonly SPDXID: "SPDXRef-DOCUMENT";
  /** §6.4 */
  readonly name: string;
  /** §6.5 */
  readonly documentNamespace: string;
  /** §6.8, §6.9 */
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly SpdxRelationship[];
};

const DOCUMENT = "SPDXRef-DOCUMENT";
const IMAGE = "SPDXRef-Image";
const HOST = "SPDXRef-Sparkler";
const OWN_LICENCE = "Apache-2.0 OR MIT";
const NO_ASSERTION = "NOASSERTION";

function contains(outer: string, inner: string): SpdxRelationship {
  return { spdxElementId: outer, relationshipType: "CONTAINS", relatedSpdxElement: inner };
}

/** Preconditions: no two components of one kind have the same name. */
export function makeSpdx(input: SpdxInput): SpdxDocument {
  const { name, version, commit, created, packages } = input;
  // The name of the document changes with anything it says, so that two documents never share one.
  const contents = packages.map((each) => `${purl(each)} ${each.digest.hex}`).join("\n");
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: DOCUMENT,
    name: `${name}-${version}`,
    documentNamespace: `urn:uuid:${derivedUuid(`spdx\n${name}\n${version}\n${commit}\n${created}\n${contents}`)}`,
    creationInfo: { created: timestamp(created), creators: ["Organization: Sparkler", `Tool: sparkler-${version}`] },
    packages: [
      own(IMAGE, name, input, "OPERATING-SYSTEM"),
      own(HOST, "sparkler", input, "APPLICATION"),
      ...packages.map(thirdParty),
    ],
    relationships: [
      { spdxElementId: DOCUMENT, relationshipType: "DESCRIBES", relatedSpdxElement: IMAGE },
      contains(IMAGE, HOST),
      ...packages.map((each) => contains(each.kind === "npm" ? HOST : IMAGE, idOf(each))),
    ],
  };
}

/** The document as it is stored. */
export function formatSpdx(document: SpdxDocument): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function own(id: string, name: string, { version, commit }: SpdxInput, purpose: string): SpdxPackage {
  return {
    name,
    SPDXID: id,
    versionInfo: `${version}+${commit}`,
    supplier: "Organization: Sparkler",
    downloadLocation: NO_ASSERTION,
    filesAnalyzed: false,
    licenseConcluded: id === HOST ? OWN_LICENCE : NO_ASSERTION,
    licenseDeclared: id === HOST ? OWN_LICENCE : NO_ASSERTION,
    copyrightText: NO_ASSERTION,
    primaryPackagePurpose: purpose,
  };
}

function thirdParty(component: Component): SpdxPackage {
  const { kind, name, version, digest, licence } = component;
  return {
    name,
    SPDXID: idOf(component),
    versionInfo: version,
    supplier: kind === "debian" ? "Organization: Debian" : NO_ASSERTION,
    downloadLocation: NO_ASSERTION,
    filesAnalyzed: false,
    checksums: [{ algorithm: digest.algorithm.toUpperCase(), checksumValue: digest.hex }],
    licenseConcluded: NO_ASSERTION,
    licenseDeclared: licence !== undefined && /^[A-Za-z0-9.+ ()-]+$/.test(licence) ? licence : NO_ASSERTION,
    copyrightText: NO_ASSERTION,
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl(component) }],
    primaryPackagePurpose: kind === "debian" ? "OTHER" : "LIBRARY",
  };
}

/** §7.2 allows letters, digits, dots and dashes; any other character becomes a dot and its number. */
function idOf({ kind, name }: Component): string {
  return `SPDXRef-${kind}-${name.replaceAll(/[^A-Za-z0-9.-]/g, (sign) => `.${sign.charCodeAt(0)}.`)}`;
}

/** §6.9: UTC, no fraction of a second. */
function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}
