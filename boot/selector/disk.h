/* The disk that the selector was started from, and the file system of one of its partitions. */
#ifndef SPARKLER_DISK_H
#define SPARKLER_DISK_H

#include <efi.h>
#include <stdbool.h>

#include "../formats/gpt.h"

struct boot_disk {
    EFI_HANDLE handle;
    EFI_DEVICE_PATH *path; /* of the whole disk */
    EFI_BLOCK_IO *blocks;
    struct gpt_disk gpt;
};

/* The whole disk under the partition `partition`. Says what is wrong and returns false when there is none. */
bool disk_of_partition(EFI_BOOT_SERVICES *services, EFI_HANDLE partition, struct boot_disk *disk);

/* The handle of the file system on this very disk in the partition with this unique GUID. The disk matters: a copy of
 * it, attached beside it, has the same GUIDs. NULL when there is none, after all drivers had a try. */
EFI_HANDLE partition_handle(EFI_BOOT_SERVICES *services, const struct boot_disk *disk, const uint8_t unique[GUID_BYTES]);

#endif
