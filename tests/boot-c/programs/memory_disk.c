#include "memory_disk.h"

#include <string.h>

static uint8_t *place(struct memory_disk *disk, uint64_t lba, uint32_t blocks) {
    if (lba >= disk->block_count || blocks > disk->block_count - lba)
        return NULL;
    return disk->bytes + lba * disk->block_size;
}

static bool read_blocks(void *context, uint64_t lba, uint32_t blocks, void *buffer) {
    struct memory_disk *disk = context;
    const uint8_t *from = place(disk, lba, blocks);
    if (!from)
        return false;
    memcpy(buffer, from, (size_t)blocks * disk->block_size);
    return true;
}

static bool write_blocks(void *context, uint64_t lba, uint32_t blocks, const void *buffer) {
    struct memory_disk *disk = context;
    uint8_t *to = place(disk, lba, blocks);
    if (!to)
        __builtin_trap(); /* a write outside the disk is never right */
    memcpy(to, buffer, (size_t)blocks * disk->block_size);
    if (disk->tell)
        disk->tell(lba, blocks, buffer);
    return true;
}

static bool flush_blocks(void *context) {
    const struct memory_disk *disk = context;
    if (disk->tell)
        disk->tell(0, 0, NULL);
    return true;
}

struct gpt_disk memory_disk_blocks(struct memory_disk *disk) {
    return (struct gpt_disk){
        .context = disk,
        .block_size = disk->block_size,
        .block_count = disk->block_count,
        .read = read_blocks,
        .write = write_blocks,
        .flush = flush_blocks,
    };
}
