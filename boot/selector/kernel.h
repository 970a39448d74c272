/* The kernel image of one set: read from its BOOT partition, checked, started. */
#ifndef SPARKLER_KERNEL_H
#define SPARKLER_KERNEL_H

#include "disk.h"

/* Comes back only when the set cannot be used; it has then said why. */
void kernel_start(EFI_SYSTEM_TABLE *system, EFI_HANDLE self, const struct boot_disk *disk,
                  const struct gpt_partition *boot, char set);

#endif
