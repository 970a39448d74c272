/** What images for QEMU know of the registry that the machine running them offers. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { imageRegistries } from "../../containers/host/registries.ts";
import { osFolder } from "../../image/tools.ts";
import { REGISTRY_ADDRESS } from "../../machine/plan.ts";

test("images for QEMU look for images.internal where a machine's network has the registry", async () => {
  const path = join(osFolder, "packages/local-registry/rootfs/usr/share/sparkler/registries.json");
  expect((await imageRegistries(path)).mirrors).toEqual([
    { registry: "images.internal", endpoint: [`http://${REGISTRY_ADDRESS}`] },
  ]);
});
