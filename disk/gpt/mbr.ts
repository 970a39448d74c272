/**
 * The protective MBR: one record of type 0xEE over the whole disk, so that tools which know no GPT keep their hands
 * off (UEFI 2.10 §5.2.3). Firmware and kernel want it there; this project decides nothing by it.
 */
export const MBR_BYTES = 512;

const RECORD = 446;
const RECORDS_END = 510;
const RECORD_BYTES = 16;
const PROTECTIVE_TYPE = 0xee;

/** The first 512 bytes of the disk; boot code and disk signature are those of `before`, zeros without it. */
export function protectiveMbr(diskSectors: bigint, before?: Uint8Array): Uint8Array {
  const mbr = new Uint8Array(MBR_BYTES);
  if (before !== undefined) mbr.set(before.subarray(0, RECORD));
  const view = new DataView(mbr.buffer);
  const size = diskSectors - 1n;
  mbr.set([0x00, 0x00, 0x02, 0x00, PROTECTIVE_TYPE, 0xff, 0xff, 0xff], RECORD);
  view.setUint32(RECORD + 8, 1, true);
  view.setUint32(RECORD + 12, Number(size > 0xffff_ffffn ? 0xffff_ffffn : size), true);
  view.setUint16(RECORDS_END, 0xaa55, true);
  return mbr;
}

/** Whether there is exactly one record, of the protective type, from LBA 1 on. Its length may be that of a smaller disk. */
export function isProtectiveMbr(sector: Uint8Array): boolean {
  if (sector.length < MBR_BYTES) return false;
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  const rest = sector.subarray(RECORD + RECORD_BYTES, RECORDS_END);
  return (
    view.getUint16(RECORDS_END, true) === 0xaa55 &&
    view.getUint8(RECORD + 4) === PROTECTIVE_TYPE &&
    view.getUint32(RECORD + 8, true) === 1 &&
    rest.every((byte) => byte === 0)
  );
}
