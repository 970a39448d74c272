/** Where the operator's command keeps things: all below `build/` of the checkout, and nothing of it in git. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository: string = fileURLToPath(new URL("../../", import.meta.url));

/** One folder per machine. */
export const machinesFolder: string = join(repository, "build", "machines");

/** The container images that were built here, an OCI layout each; see containers/images. */
export const containerImagesFolder: string = join(repository, "build", "images", "containers");

/** The Debian mirror that was given once; see tools/setup.mjs. */
export const mirrorFile: string = join(repository, "build", "mirror");
