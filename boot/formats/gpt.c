#include "gpt.h"

#include "bytes.h"
#include "crc.h"

/* Offsets in the header (UEFI 2.10 table 5-5) and in an entry (table 5-6). */
enum {
    HEADER_REVISION = 8,
    HEADER_SIZE = 12,
    HEADER_CRC = 16,
    HEADER_MY_LBA = 24,
    HEADER_ALTERNATE_LBA = 32,
    HEADER_FIRST_USABLE = 40,
    HEADER_LAST_USABLE = 48,
    HEADER_DISK = 56,
    HEADER_ENTRIES_LBA = 72,
    HEADER_ENTRY_COUNT = 80,
    HEADER_ENTRY_SIZE = 84,
    HEADER_ENTRIES_CRC = 88,
    HEADER_MINIMUM = 92,

    ENTRY_UNIQUE = 16,
    ENTRY_FIRST = 32,
    ENTRY_LAST = 40,
    ENTRY_ATTRIBUTES = 48,
    ENTRY_MINIMUM = 128,
    ENTRY_MAXIMUM = 4096,

    PRIMARY_LBA = 1,
};

static const uint8_t signature[8] = {'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T'};
static const uint8_t no_type[GUID_BYTES];

/* What one header claims, after the claims were held against the disk. */
struct claims {
    uint64_t alternate, first_usable, last_usable, entries;
    uint32_t entry_size, entry_count, entry_blocks;
};

/* The field itself counts as zero. Leaves the header as it was. */
static uint32_t header_crc(uint8_t *header) {
    uint32_t stored = get_le32(header + HEADER_CRC);
    put_le32(header + HEADER_CRC, 0);
    uint32_t crc = crc32(header, get_le32(header + HEADER_SIZE));
    put_le32(header + HEADER_CRC, stored);
    return crc;
}

/* Primary entries lie between header and usable area, backup entries between usable area and header. With the usable
 * area inside the disk that keeps everything inside it, and no two parts on one another. */
static bool entries_fit(uint64_t entries, uint64_t header_lba, const struct claims *claims) {
    uint64_t after = header_lba == PRIMARY_LBA ? PRIMARY_LBA : claims->last_usable;
    uint64_t end = header_lba == PRIMARY_LBA ? claims->first_usable : header_lba;
    return entries > after && entries < end && claims->entry_blocks <= end - entries;
}

static enum gpt_health check_header(const struct gpt_disk *disk, uint8_t *header, uint64_t lba, struct claims *claims) {
    if (!same_bytes(header, signature, sizeof signature))
        return GPT_NO_SIGNATURE;
    uint32_t size = get_le32(header + HEADER_SIZE);
    if (get_le32(header + HEADER_REVISION) >> 16 != 1 || size < HEADER_MINIMUM || size > disk->block_size)
        return GPT_BAD_HEADER;
    if (header_crc(header) != get_le32(header + HEADER_CRC))
        return GPT_BAD_HEADER;

    claims->alternate = get_le64(header + HEADER_ALTERNATE_LBA);
    claims->first_usable = get_le64(header + HEADER_FIRST_USABLE);
    claims->last_usable = get_le64(header + HEADER_LAST_USABLE);
    claims->entries = get_le64(header + HEADER_ENTRIES_LBA);
    claims->entry_size = get_le32(header + HEADER_ENTRY_SIZE);
    claims->entry_count = get_le32(header + HEADER_ENTRY_COUNT);

    uint64_t backup = lba == PRIMARY_LBA ? claims->alternate : lba;
    if (get_le64(header + HEADER_MY_LBA) != lba || (lba != PRIMARY_LBA && claims->alternate != PRIMARY_LBA))
        return GPT_BAD_BOUNDS;
    if (claims->first_usable <= PRIMARY_LBA || claims->first_usable > claims->last_usable ||
        claims->last_usable >= backup || backup >= disk->block_count)
        return GPT_BAD_BOUNDS;
    if (claims->entry_size < ENTRY_MINIMUM || claims->entry_size > ENTRY_MAXIMUM ||
        (claims->entry_size & (claims->entry_size - 1)) != 0 || claims->entry_count == 0)
        return GPT_BAD_BOUNDS;
    uint64_t bytes = (uint64_t)claims->entry_size * claims->entry_count;
    if (bytes > GPT_ENTRIES_MAXIMUM)
        return GPT_TOO_LARGE;
    claims->entry_blocks = (uint32_t)((bytes + disk->block_size - 1) / disk->block_size);
    return entries_fit(claims->entries, lba, claims) ? GPT_GOOD : GPT_BAD_BOUNDS;
}

static enum gpt_health read_copy(const struct gpt_disk *disk, uint64_t lba, uint8_t *header, uint8_t *entries,
                                 struct claims *claims) {
    if (lba >= disk->block_count || !disk->read(disk->context, lba, 1, header))
        return GPT_UNREADABLE;
    enum gpt_health health = check_header(disk, header, lba, claims);
    if (health != GPT_GOOD)
        return health;
    if (!disk->read(disk->context, claims->entries, claims->entry_blocks, entries))
        return GPT_UNREADABLE;
    size_t bytes = (size_t)claims->entry_size * claims->entry_count;
    return crc32(entries, bytes) == get_le32(header + HEADER_ENTRIES_CRC) ? GPT_GOOD : GPT_BAD_ENTRIES;
}

static void believe(struct gpt *gpt, const struct claims *claims) {
    gpt->entry_size = claims->entry_size;
    gpt->entry_count = claims->entry_count;
    gpt->entry_blocks = claims->entry_blocks;
    gpt->first_usable = claims->first_usable;
    gpt->last_usable = claims->last_usable;
}

static size_t entries_bytes(const struct gpt *gpt) {
    return (size_t)gpt->entry_size * gpt->entry_count;
}

static bool same_table(const struct gpt *gpt, const struct claims *other) {
    return other->entry_size == gpt->entry_size && other->entry_count == gpt->entry_count &&
           other->first_usable == gpt->first_usable && other->last_usable == gpt->last_usable &&
           same_bytes(gpt->scratch, gpt->entries, entries_bytes(gpt)) &&
           same_bytes(gpt->block + HEADER_DISK, gpt->header + HEADER_DISK, GUID_BYTES);
}

/* The primary is good: look at the backup where the primary says it is. */
static void read_backup_beside_primary(const struct gpt_disk *disk, struct gpt *gpt, const struct claims *primary) {
    struct claims claims;
    believe(gpt, primary);
    gpt->primary_entries = primary->entries;
    gpt->backup_header = primary->alternate;
    gpt->backup = read_copy(disk, gpt->backup_header, gpt->block, gpt->scratch, &claims);
    if (gpt->backup == GPT_GOOD && same_table(gpt, &claims)) {
        gpt->backup_entries = claims.entries;
        return;
    }
    if (gpt->backup == GPT_GOOD)
        gpt->backup = GPT_STALE;
    /* Where the entries go when this copy is made anew: right before its header. Zero: there is no room. */
    uint64_t before = gpt->backup_header > primary->entry_blocks ? gpt->backup_header - primary->entry_blocks : 0;
    gpt->backup_entries = entries_fit(before, gpt->backup_header, primary) ? before : 0;
}

/* The primary is bad: the backup is where the bad header still says, or else at the end of the disk. */
static void read_backup_alone(const struct gpt_disk *disk, struct gpt *gpt) {
    struct claims claims;
    uint64_t end = disk->block_count - 1;
    uint64_t hint = end;
    if (gpt->primary != GPT_UNREADABLE && gpt->primary != GPT_NO_SIGNATURE)
        hint = get_le64(gpt->header + HEADER_ALTERNATE_LBA);
    gpt->backup_header = hint > PRIMARY_LBA && hint <= end ? hint : end;
    gpt->backup = read_copy(disk, gpt->backup_header, gpt->header, gpt->entries, &claims);
    if (gpt->backup != GPT_GOOD && gpt->backup_header != end) {
        gpt->backup_header = end;
        gpt->backup = read_copy(disk, end, gpt->header, gpt->entries, &claims);
    }
    if (gpt->backup != GPT_GOOD)
        return;
    believe(gpt, &claims);
    gpt->backup_entries = claims.entries;
    gpt->primary_entries = entries_fit(PRIMARY_LBA + 1, PRIMARY_LBA, &claims) ? PRIMARY_LBA + 1 : 0;
}

bool gpt_read(const struct gpt_disk *disk, struct gpt *gpt) {
    struct claims claims;
    zero_bytes(gpt, sizeof *gpt);
    gpt->primary = gpt->backup = GPT_UNREADABLE;
    if ((disk->block_size != 512 && disk->block_size != 4096) || disk->block_count < 4)
        return false;
    gpt->primary = read_copy(disk, PRIMARY_LBA, gpt->header, gpt->entries, &claims);
    if (gpt->primary == GPT_GOOD) {
        read_backup_beside_primary(disk, gpt, &claims);
        return true;
    }
    read_backup_alone(disk, gpt);
    return gpt->backup == GPT_GOOD;
}

bool gpt_partition(const struct gpt *gpt, uint32_t index, struct gpt_partition *partition) {
    if (index >= gpt->entry_count)
        return false;
    const uint8_t *entry = gpt->entries + (size_t)index * gpt->entry_size;
    copy_bytes(partition->type, entry, GUID_BYTES);
    copy_bytes(partition->unique, entry + ENTRY_UNIQUE, GUID_BYTES);
    partition->first = get_le64(entry + ENTRY_FIRST);
    partition->last = get_le64(entry + ENTRY_LAST);
    partition->attributes = get_le64(entry + ENTRY_ATTRIBUTES);
    return !same_bytes(partition->type, no_type, GUID_BYTES) && partition->first >= gpt->first_usable &&
           partition->first <= partition->last && partition->last <= gpt->last_usable;
}

void gpt_set_attributes(struct gpt *gpt, uint32_t index, uint64_t attributes) {
    if (index < gpt->entry_count)
        put_le64(gpt->entries + (size_t)index * gpt->entry_size + ENTRY_ATTRIBUTES, attributes);
}

/* Entries first, header last: a header never vouches for entries that are not there yet. */
static bool write_copy(const struct gpt_disk *disk, struct gpt *gpt, bool primary) {
    uint64_t entries = primary ? gpt->primary_entries : gpt->backup_entries;
    if (entries == 0)
        return false;
    zero_bytes(gpt->scratch, sizeof gpt->scratch);
    copy_bytes(gpt->scratch, gpt->entries, entries_bytes(gpt));
    if (!disk->write(disk->context, entries, gpt->entry_blocks, gpt->scratch))
        return false;

    uint64_t mine = primary ? PRIMARY_LBA : gpt->backup_header;
    copy_bytes(gpt->block, gpt->header, disk->block_size);
    put_le64(gpt->block + HEADER_MY_LBA, mine);
    put_le64(gpt->block + HEADER_ALTERNATE_LBA, primary ? gpt->backup_header : PRIMARY_LBA);
    put_le64(gpt->block + HEADER_ENTRIES_LBA, entries);
    put_le32(gpt->block + HEADER_ENTRIES_CRC, crc32(gpt->entries, entries_bytes(gpt)));
    put_le32(gpt->block + HEADER_CRC, header_crc(gpt->block));
    return disk->write(disk->context, mine, 1, gpt->block) && disk->flush(disk->context);
}

bool gpt_mend(const struct gpt_disk *disk, struct gpt *gpt) {
    if (gpt->primary != GPT_GOOD) {
        if (!write_copy(disk, gpt, true))
            return false;
        gpt->primary = GPT_GOOD;
    }
    if (gpt->backup != GPT_GOOD) {
        if (!write_copy(disk, gpt, false))
            return false;
        gpt->backup = GPT_GOOD;
    }
    return true;
}

bool gpt_write(const struct gpt_disk *disk, struct gpt *gpt) {
    /* With one copy bad, writing the other could lose both. */
    if (gpt->primary != GPT_GOOD || gpt->backup != GPT_GOOD)
        return false;
    return write_copy(disk, gpt, false) && write_copy(disk, gpt, true);
}

const char *gpt_health_text(enum gpt_health health) {
    switch (health) {
    case GPT_GOOD: return "good";
    case GPT_UNREADABLE: return "cannot be read";
    case GPT_NO_SIGNATURE: return "no table there";
    case GPT_BAD_HEADER: return "header checksum wrong";
    case GPT_BAD_BOUNDS: return "an address in it is outside its place";
    case GPT_TOO_LARGE: return "more entries than we hold";
    case GPT_BAD_ENTRIES: return "entries checksum wrong";
    case GPT_STALE: return "not the same as the primary";
    }
    return "unknown";
}
