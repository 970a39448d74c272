/* A disk in memory for gpt.c, which can tell every write that it gets. */
#ifndef SPARKLER_MEMORY_DISK_H
#define SPARKLER_MEMORY_DISK_H

#include "formats/gpt.h"

struct memory_disk {
    uint8_t *bytes;
    uint32_t block_size;
    uint64_t block_count;
    void (*tell)(uint64_t lba, uint32_t blocks, const void *buffer); /* buffer NULL: a flush */
};

struct gpt_disk memory_disk_blocks(struct memory_disk *disk);

#endif
