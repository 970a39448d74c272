/* One fuzz target for each parser: what must hold whatever the input is. FUZZ names the function that is run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/arguments.h"
#include "formats/bytes.h"
#include "formats/checksum.h"
#include "formats/choice.h"
#include "formats/crc.h"
#include "formats/mark.h"
#include "formats/modules.h"
#include "formats/uevent.h"
#include "memory_disk.h"

#define MUST(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "does not hold: %s\n", #condition); \
            abort(); \
        } \
    } while (0)

#define ONLY_ONE __attribute__((unused))

ONLY_ONE static void arguments(const uint8_t *input, size_t length) {
    struct boot_arguments found;
    if (arguments_parse((const char *)input, length, &found))
        return;
    MUST(strlen(found.root_hash) == ROOT_HASH_DIGITS);
    MUST(strlen(found.salt) >= 2 && strlen(found.salt) % 2 == 0);
    MUST(strspn(found.root_hash, "0123456789abcdef") == strlen(found.root_hash));
    MUST(strspn(found.salt, "0123456789abcdef") == strlen(found.salt));
    MUST(found.blocks > 0 && found.watchdog_seconds <= WATCHDOG_SECONDS_MAXIMUM);
}

ONLY_ONE static void checksum(const uint8_t *input, size_t length) {
    struct checksum found;
    char again[CHECKSUM_FILE_MAXIMUM + 1];
    if (!checksum_parse((const char *)input, length, &found))
        return;
    MUST(found.size > 0 && found.size <= CHECKED_SIZE_MAXIMUM);
    snprintf(again, sizeof again, "%08x %llu\n", found.crc32c, (unsigned long long)found.size);
    MUST(strlen(again) == length && memcmp(again, input, length) == 0); /* there is one way to write it */
    MUST(crc32c(input, length) == crc32c_by_table(input, length));
}

ONLY_ONE static void guid(const uint8_t *input, size_t length) {
    uint8_t found[GUID_BYTES], again[GUID_BYTES];
    char text[GUID_TEXT + 1];
    uint32_t mark;
    (void)mark_from_efi_variable(input, length, &mark);
    if (!guid_from_efi_variable(input, length, found) && !guid_from_text((const char *)input, length, found))
        return;
    guid_to_text(found, text);
    MUST(strlen(text) == GUID_TEXT && guid_from_text(text, GUID_TEXT, again));
    MUST(same_bytes(found, again, GUID_BYTES));
}

ONLY_ONE static void modules(const uint8_t *input, size_t length) {
    struct span list = {(const char *)input, length};
    char path[MODULE_PATH_ROOM];
    for (;;) {
        size_t before = list.length;
        enum module_line line = modules_next(&list, path);
        if (line == MODULE_END)
            return;
        MUST(list.length < before); /* it comes to an end */
        if (line != MODULE_PATH)
            continue;
        MUST(strlen(path) > 0 && strlen(path) < sizeof path && !strchr(path, '\n'));
        MUST(strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0 && !strstr(path, "/../"));
    }
}

ONLY_ONE static void uevent(const uint8_t *input, size_t length) {
    struct block_device found;
    if (!uevent_parse((const char *)input, length, &found))
        return;
    MUST(found.major <= 4095 && found.minor < 1 << 20);
    MUST(found.disk == (found.partition == 0));
    MUST(found.name[0] && found.name[0] != '/' && strncmp(found.name, "..", 2) != 0 && !strstr(found.name, "/.."));
}

/* Two candidates of 9 bytes, as the driver takes them. */
ONLY_ONE static void choice(const uint8_t *input, size_t length) {
    struct candidate candidates[2];
    if (length < 18)
        return;
    for (int i = 0; i < 2; i++) {
        uint64_t attributes = get_le64(input + 9 * i);
        candidates[i] = (struct candidate){.flags = flags_of_attributes(attributes), .refused = input[9 * i + 8] & 1};
        MUST(attributes_with_flags(attributes, candidates[i].flags) == attributes);
    }
    int chosen = choose_set(candidates, 2);
    if (chosen == NO_CHOICE) {
        for (int i = 0; i < 2; i++)
            MUST(candidates[i].refused || !flags_bootable(candidates[i].flags));
        return;
    }
    struct boot_flags now = candidates[chosen].flags, then = flags_when_started(now);
    MUST(!candidates[chosen].refused && flags_bootable(now));
    MUST(then.tries == (now.tries > 0 ? now.tries - 1 : 0) && then.starts > 0);
    MUST(then.priority == now.priority && then.successful == now.successful);
}

/* Makes the checksums of both copies right where they are well formed enough, so that the fuzzer comes behind them. */
static void put_checksums(struct memory_disk *disk) {
    for (int copy = 0; copy < 2; copy++) {
        uint8_t *header = disk->bytes + (copy == 0 ? 1 : disk->block_count - 1) * disk->block_size;
        uint64_t entries = get_le64(header + 72);
        uint64_t bytes = (uint64_t)get_le32(header + 80) * get_le32(header + 84);
        if (entries < disk->block_count && bytes <= (disk->block_count - entries) * disk->block_size)
            put_le32(header + 88, crc32(disk->bytes + entries * disk->block_size, (size_t)bytes));
        put_le32(header + 16, 0);
        if (get_le32(header + 12) <= disk->block_size)
            put_le32(header + 16, crc32(header, get_le32(header + 12)));
    }
}

/* Everything that the selector does to a table, and that the init reads from it. */
static void use_table(const struct gpt_disk *disk, struct gpt *gpt, struct memory_disk *memory) {
    static struct gpt again;
    uint8_t *before = malloc(memory->block_count * memory->block_size);
    memcpy(before, memory->bytes, memory->block_count * memory->block_size);
    bool mended = gpt_mend(disk, gpt);
    MUST(gpt_read(disk, &again)); /* mending never loses the good copy */
    if (mended)
        MUST(again.primary == GPT_GOOD && again.backup == GPT_GOOD);
    for (uint32_t i = 0; i < gpt->entry_count; i++) {
        struct gpt_partition found;
        struct members members;
        if (!gpt_partition(gpt, i, &found))
            continue;
        MUST(found.first >= gpt->first_usable && found.first <= found.last && found.last <= gpt->last_usable);
        gpt_set_attributes(gpt, i, attributes_with_flags(found.attributes, flags_when_started((struct boot_flags){0})));
        if (members_of(gpt, found.unique, &members) == MEMBERS_FOUND) {
            mark_put(gpt, &members, 0x89abcdef);
            MUST(members_of(gpt, found.unique, &members) == MEMBERS_FOUND && mark_on_disk(&members) == 0x89abcdef);
        }
    }
    bool written = gpt_write(disk, gpt);
    MUST(written == mended);
    MUST(gpt_read(disk, &again));
    if (written) {
        MUST(again.primary == GPT_GOOD && again.backup == GPT_GOOD);
        MUST(same_bytes(again.entries, gpt->entries, (size_t)gpt->entry_size * gpt->entry_count));
    }
    /* What belongs to partitions is as it was. */
    for (uint64_t lba = gpt->first_usable; lba <= gpt->last_usable; lba++)
        MUST(memcmp(before + lba * memory->block_size, memory->bytes + lba * memory->block_size, memory->block_size) == 0);
    free(before);
}

/* The first byte: bit 0 blocks of 4096 bytes, bit 1 checksums as they are. The rest is the disk. */
ONLY_ONE static void gpt(const uint8_t *input, size_t length) {
    static struct gpt table;
    if (length < 1)
        return;
    uint32_t block_size = input[0] & 1 ? 4096 : 512;
    struct memory_disk memory = {.block_size = block_size, .block_count = (length - 1) / block_size};
    if (memory.block_count < 2)
        return;
    memory.bytes = malloc(memory.block_count * block_size);
    memcpy(memory.bytes, input + 1, memory.block_count * block_size);
    if ((input[0] & 2) == 0)
        put_checksums(&memory);
    struct gpt_disk disk = memory_disk_blocks(&memory);
    if (gpt_read(&disk, &table))
        use_table(&disk, &table, &memory);
    free(memory.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length) {
    FUZZ(input, length);
    return 0;
}
