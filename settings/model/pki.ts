/** Certificate authorities. */
import * as z from "zod";
import { identifier } from "../types/identifier.ts";
import { pemCertificates } from "../types/pem-certificates.ts";
import type { Collection } from "./definition.ts";
import type { PkiSettings } from "./settings.ts";

export const pki: Collection<PkiSettings> = {
  kind: "collection",
  description: "Bundles of certificate authorities, by names of your choice, beside those of the image",
  since: "0.1.0",
  // A running containerd goes on with the authorities that it has read at first.
  services: ["pki", "containerd"],
  memberName: identifier,
  member: {
    kind: "group",
    description: "One bundle of certificates",
    since: "0.1.0",
    members: {
      data: {
        kind: "setting",
        description: "Certificates in PEM form, the whole in base64",
        since: "0.1.0",
        schema: pemCertificates,
      },
      trusted: {
        kind: "setting",
        description:
          "Whether they are trusted; those of a bundle that is not are taken out, of the image's own as well",
        since: "0.1.0",
        schema: z.boolean(),
        example: true,
      },
    },
  },
};
