/** The file systems of the disk's other partitions, and the disk that all of them make. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BuildTools } from "./format/build-tools.ts";
import { makeDisk } from "./format/disk.ts";
import { makeExt4 } from "./format/ext4.ts";
import { makeFat } from "./format/fat.ts";
import { derivedUuid } from "./format/uuid.ts";
import { planLayout, SIZES } from "./layout.ts";

/** What each partition is filled from, below the work folder. */
export const PARTITION_FILES = {
  efi: "efi.fat",
  boot: "boot.fat",
  root: "root.erofs",
  hash: "root.verity",
  private: "private.ext4",
  data: "data.ext4",
} as const;

/** Paths on the BOOT file system, as the selector knows them. */
export const BOOT_FILES = { kernel: "/EFI/Linux/sparkler.efi", checksum: "/EFI/Linux/sparkler.crc" } as const;
export const SELECTOR_FILE = "/EFI/BOOT/BOOTX64.EFI";

/** Makes the disk at `target` from ROOT, HASH, selector and kernel image, which lie in the work folder. */
export async function makeDiskImage(tools: BuildTools, variant: string, target: string): Promise<void> {
  await makeFat(tools, {
    image: PARTITION_FILES.efi,
    sizeMiB: SIZES.EFI,
    label: "SPARKLER-EF",
    files: { [SELECTOR_FILE]: "selector.efi" },
  });
  await makeFat(tools, {
    image: PARTITION_FILES.boot,
    sizeMiB: SIZES.BOOT,
    label: "SPARKLER-BT",
    files: { [BOOT_FILES.kernel]: "sparkler.efi", [BOOT_FILES.checksum]: "sparkler.crc" },
  });
  await makeDataFileSystems(tools, variant);
  const at = (kind: keyof typeof PARTITION_FILES): string => join(tools.work, PARTITION_FILES[kind]);
  await makeDisk(target, planLayout(variant), {
    efi: at("efi"),
    boot: at("boot"),
    root: at("root"),
    hash: at("hash"),
    private: at("private"),
    data: at("data"),
  });
}

async function makeDataFileSystems(tools: BuildTools, variant: string): Promise<void> {
  await mkdir(join(tools.work, "private-content"));
  for (const each of ["var", "opt", "mnt"]) await mkdir(join(tools.work, "data-content", each), { recursive: true });
  await makeExt4(tools, {
    image: PARTITION_FILES.private,
    sizeMiB: SIZES.PRIVATE,
    label: "SPARKLER-PRIV",
    uuid: derivedUuid(`${variant}:private`),
    content: "private-content",
    growable: false,
  });
  await makeExt4(tools, {
    image: PARTITION_FILES.data,
    sizeMiB: SIZES.DATA,
    label: "SPARKLER-DATA",
    uuid: derivedUuid(`${variant}:data`),
    content: "data-content",
    growable: true,
  });
}
