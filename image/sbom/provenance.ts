/**
 * How an image came to be: an in-toto Statement v1 with a SLSA Provenance v1 predicate. It holds no time, host, user or
 * path, so that whoever builds the same commit with the same lock gets the same bytes. It is a statement, not a
 * signature: whoever publishes it signs it.
 */
import { type Component, purl } from "./components.ts";

export type ProvenanceInput = {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly variant: string;
  /** Seconds since 1970: what every time in the image was set to. */
  readonly sourceDateEpoch: number;
  /** Everything locked that went in, tools of the build included. */
  readonly dependencies: readonly Component[];
  /** The files that the build made. */
  readonly outputs: readonly { readonly name: string; readonly sha256: string }[];
};

/** in-toto ResourceDescriptor v1: at least one of `name`, `uri` and `digest`. */
export type ResourceDescriptor = {
  readonly name?: string;
  readonly uri?: string;
  readonly digest: Readonly<Record<string, string>>;
};

export type Provenance = {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly subject: readonly ResourceDescriptor[];
  readonly predicateType: "https://slsa.dev/provenance/v1";
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: string;
      readonly externalParameters: Readonly<Record<string, string>>;
      readonly internalParameters: Readonly<Record<string, string | number>>;
      readonly resolvedDependencies: readonly ResourceDescriptor[];
    };
    readonly runDetails: {
      readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
    };
  };
};

/** Names the meaning of the parameters; changes when that changes. */
export const BUILD_TYPE = "urn:sparkler:build:image:v1";

/** An ordinary build on a machine that nobody vouches for. */
export const BUILDER_ID = "urn:sparkler:builder:local";

export function makeProvenance(input: ProvenanceInput): Provenance {
  const { name, version, commit, variant, sourceDateEpoch, dependencies, outputs } = input;
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: outputs
      .map((each) => ({ name: each.name, digest: { sha256: each.sha256 } }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { variant },
        internalParameters: { name, version, sourceDateEpoch },
        resolvedDependencies: [
          { name: "source", digest: { gitCommit: commit } },
          ...uniqueBy(dependencies.map(descriptor)),
        ],
      },
      runDetails: { builder: { id: BUILDER_ID, version: { sparkler: version } } },
    },
  };
}

/** The statement as it is stored. */
export function formatProvenance(provenance: Provenance): string {
  return `${JSON.stringify(provenance, undefined, 2)}\n`;
}

function descriptor(component: Component): ResourceDescriptor & { readonly uri: string } {
  return { uri: purl(component), digest: { [component.digest.algorithm]: component.digest.hex } };
}

/** Sorted, each once: a package may be in the image and among the tools. */
function uniqueBy<T extends { readonly uri: string }>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [each.uri, each])).values()].toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
}
