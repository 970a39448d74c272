/** The kernel's command line, which the unified kernel image carries and so pins every byte of the root. Pure. */
import type { Verity } from "./format/verity.ts";

/** Words that every image has, whatever its platform. */
const ALWAYS = [
  "quiet",
  "panic=10",
  "random.trust_cpu=on",
  // As mainline has it by default: primes and curves tried out at every boot, on algorithms that are mostly not used,
  // are a tenth of it. What the boot stands on fails closed: a wrong hash is no root, a wrong signature no module.
  "cryptomgr.notests",
  // Huge pages for what asks for them. Unasked, every small heap is rounded up to them.
  "transparent_hugepage=madvise",
  "systemd.machine_id=firmware",
  "systemd.condition_first_boot=0",
  "systemd.log_color=0",
  "TERM=dumb",
];

export function kernelCommandLine(platform: readonly string[], verity: Verity): string {
  const root = [
    `sparkler.roothash=${verity.rootHash}`,
    `sparkler.salt=${verity.salt}`,
    `sparkler.blocks=${verity.blocks}`,
  ];
  return [...platform, ...ALWAYS, ...root].join(" ");
}
