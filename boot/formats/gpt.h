/* GUID partition table: read, check, mend and change attribute bits (UEFI 2.10 §5.3). Freestanding: the blocks come
 * through callbacks, all memory is in `struct gpt`. Nothing on the disk is believed before its checksum and bounds
 * are right. Not here: creating or moving partitions, the protective MBR, moving the backup on a grown disk. */
#ifndef SPARKLER_GPT_H
#define SPARKLER_GPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guid.h"

enum {
    GPT_BLOCK_MAXIMUM = 4096,
    GPT_ENTRIES_MAXIMUM = 64 * 1024, /* the usual table has 128 entries of 128 bytes: 16 KiB */
};

/* All functions return true when every block went through. Buffers are aligned to 4096 bytes. */
struct gpt_disk {
    void *context;
    uint32_t block_size; /* 512 or 4096 */
    uint64_t block_count;
    bool (*read)(void *context, uint64_t lba, uint32_t blocks, void *buffer);
    bool (*write)(void *context, uint64_t lba, uint32_t blocks, const void *buffer);
    bool (*flush)(void *context);
};

enum gpt_health {
    GPT_GOOD,
    GPT_UNREADABLE,       /* the disk did not give the blocks */
    GPT_NO_SIGNATURE,
    GPT_BAD_HEADER,       /* checksum, revision or size of the header */
    GPT_BAD_BOUNDS,       /* a length or address outside the disk or of another part of the table */
    GPT_TOO_LARGE,        /* well formed, but more entries than we hold */
    GPT_BAD_ENTRIES,      /* checksum of the entries */
    GPT_STALE,            /* well formed, but not what the primary says */
};

struct gpt {
    _Alignas(4096) uint8_t entries[GPT_ENTRIES_MAXIMUM];
    _Alignas(4096) uint8_t scratch[GPT_ENTRIES_MAXIMUM];
    _Alignas(4096) uint8_t header[GPT_BLOCK_MAXIMUM]; /* the block of the copy that was believed */
    _Alignas(4096) uint8_t block[GPT_BLOCK_MAXIMUM];
    enum gpt_health primary, backup;
    uint32_t entry_size;
    uint32_t entry_count;
    uint32_t entry_blocks;
    uint64_t first_usable, last_usable;
    uint64_t primary_entries; /* LBA, as is backup_entries */
    uint64_t backup_entries;
    uint64_t backup_header;
};

struct gpt_partition {
    uint8_t type[GUID_BYTES];
    uint8_t unique[GUID_BYTES];
    uint64_t first, last; /* LBA; both inside the usable area, first <= last */
    uint64_t attributes;
};

/* Reads both copies and keeps the better one: the primary unless only the backup is good. False: neither is good, and
 * `primary` and `backup` say why. Does not write. */
bool gpt_read(const struct gpt_disk *disk, struct gpt *gpt);

/* Entry `index` (0-based). False when unused, out of range, or outside the usable area. */
bool gpt_partition(const struct gpt *gpt, uint32_t index, struct gpt_partition *partition);

/* Changes the table in memory only. Precondition: gpt_partition() accepted `index`. */
void gpt_set_attributes(struct gpt *gpt, uint32_t index, uint64_t attributes);

/* Writes the copy that was damaged or stale anew from the good one, which is not touched, so that a power cut can only
 * hit the copy that was bad anyway. True also when there is nothing to mend.
 * Precondition: gpt_read() was true and nothing was changed since. */
bool gpt_mend(const struct gpt_disk *disk, struct gpt *gpt);

/* Writes both copies: backup, flush, primary, flush. False, and nothing written, while one is bad: gpt_mend() comes first. */
bool gpt_write(const struct gpt_disk *disk, struct gpt *gpt);

/* A few words for a message: "bad header checksum"… */
const char *gpt_health_text(enum gpt_health health);

#endif
