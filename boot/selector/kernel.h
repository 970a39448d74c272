/* The kernel image of one set: read from its BOOT partition, checked, started. */
#ifndef SPARKLER_KERNEL_H
#define SPARKLER_KERNEL_H

#include "disk.h"

/* A partition set that is to be started. */
struct start {
    char name; /* A or B */
    uint32_t entry; /* of its BOOT partition */
    struct gpt_partition boot;
    bool marked; /* `mark` is on the disk */
    uint32_t mark;
};

/* Comes back only when the set cannot be used; it has then said why. */
void kernel_start(EFI_SYSTEM_TABLE *system, EFI_HANDLE self, const struct boot_disk *disk, const struct start *start);

#endif
