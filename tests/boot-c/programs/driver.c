/* Runs one parser on inputs from standard input, each with its length (4 bytes, little-endian) before it, and prints
 * what it made of each as one line. The inputs are copied to memory of their very size, so that a read behind the end
 * is found. */
#include <inttypes.h>
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

static void do_arguments(const uint8_t *input, size_t length) {
    struct boot_arguments found;
    const char *problem = arguments_parse((const char *)input, length, &found);
    if (problem)
        printf("bad: %s\n", problem);
    else
        printf("%s %s %" PRIu64 " %u\n", found.root_hash, found.salt, found.blocks, found.watchdog_seconds);
}

static void do_checksum(const uint8_t *input, size_t length) {
    struct checksum found;
    if (checksum_parse((const char *)input, length, &found))
        printf("%08x %" PRIu64 "\n", found.crc32c, found.size);
    else
        printf("bad\n");
}

static void do_crc(const uint8_t *input, size_t length) {
    printf("%08x %08x %08x\n", crc32(input, length), crc32c(input, length), crc32c_by_table(input, length));
}

static void do_guid(const uint8_t *input, size_t length) {
    uint8_t guid[GUID_BYTES];
    char text[GUID_TEXT + 1] = "bad";
    if (guid_from_text((const char *)input, length, guid))
        guid_to_text(guid, text);
    printf("%s\n", text);
}

static void do_guid_variable(const uint8_t *input, size_t length) {
    uint8_t guid[GUID_BYTES];
    char text[GUID_TEXT + 1] = "bad";
    if (guid_from_efi_variable(input, length, guid))
        guid_to_text(guid, text);
    printf("%s\n", text);
}

static void do_mark_variable(const uint8_t *input, size_t length) {
    uint32_t mark;
    if (mark_from_efi_variable(input, length, &mark))
        printf("%08x\n", mark);
    else
        printf("bad\n");
}

static void do_modules(const uint8_t *input, size_t length) {
    struct span list = {(const char *)input, length};
    char path[MODULE_PATH_ROOM];
    for (enum module_line line; (line = modules_next(&list, path)) != MODULE_END;)
        printf("%s;", line == MODULE_BAD ? "bad" : path);
    printf("\n");
}

static void do_uevent(const uint8_t *input, size_t length) {
    struct block_device found;
    if (uevent_parse((const char *)input, length, &found))
        printf("%s %s %u:%u %u\n", found.name, found.disk ? "disk" : "partition", found.major, found.minor,
               found.partition);
    else
        printf("bad\n");
}

/* Two candidates, each 8 bytes of attributes and one that is not 0 when it was refused. */
static void do_choice(const uint8_t *input, size_t length) {
    struct candidate candidates[2];
    uint64_t after = 0;
    if (length != 18)
        abort();
    for (int i = 0; i < 2; i++)
        candidates[i] = (struct candidate){.flags = flags_of_attributes(get_le64(input + 9 * i)), .refused = input[9 * i + 8]};
    int chosen = choose_set(candidates, 2);
    if (chosen != NO_CHOICE)
        after = attributes_with_flags(get_le64(input + 9 * chosen), flags_when_started(candidates[chosen].flags));
    printf("%d %016" PRIx64 "\n", chosen, after);
}

static void print_write(uint64_t lba, uint32_t blocks, const void *buffer) {
    if (buffer)
        printf(" write:%" PRIu64 ":%u", lba, blocks);
    else
        printf(" flush");
}

static struct memory_disk disk_of(const uint8_t *input, size_t length) {
    uint32_t block_size = get_le32(input);
    uint8_t *bytes = malloc(length);
    memcpy(bytes, input + 4, length - 4);
    return (struct memory_disk){.bytes = bytes, .block_size = block_size, .block_count = (length - 4) / block_size};
}

/* 4 bytes of block size, then the disk. */
static void do_gpt(const uint8_t *input, size_t length) {
    static struct gpt gpt;
    struct memory_disk memory = disk_of(input, length);
    struct gpt_disk disk = memory_disk_blocks(&memory);
    bool good = gpt_read(&disk, &gpt);
    printf("%s; %s", gpt_health_text(gpt.primary), gpt_health_text(gpt.backup));
    struct gpt_partition found;
    for (uint32_t i = 0; good && i < gpt.entry_count; i++)
        if (gpt_partition(&gpt, i, &found))
            printf("; %u %" PRIu64 "-%" PRIu64 " %016" PRIx64, i + 1, found.first, found.last, found.attributes);
    printf("\n");
    free(memory.bytes);
}

static struct memory_disk *told;

static void print_bytes(uint64_t lba, uint32_t blocks, const void *buffer) {
    print_write(lba, blocks, buffer);
    if (!buffer)
        return;
    printf(":");
    for (size_t i = 0; i < (size_t)blocks * told->block_size; i++)
        printf("%02x", ((const uint8_t *)buffer)[i]);
}

/* What the selector does before it starts a set: 4 bytes of entry, 8 of its new attributes, then as for `gpt`. Prints
 * every write with its bytes, and every flush. */
static void do_start(const uint8_t *input, size_t length) {
    static struct gpt gpt;
    struct memory_disk memory = disk_of(input + 12, length - 12);
    struct gpt_disk disk = memory_disk_blocks(&memory);
    memory.tell = print_bytes;
    told = &memory;
    if (!gpt_read(&disk, &gpt) || !gpt_mend(&disk, &gpt)) {
        printf("bad");
    } else {
        printf(" mended");
        gpt_set_attributes(&gpt, get_le32(input), get_le64(input + 4));
        printf("%s", gpt_write(&disk, &gpt) ? " done" : " bad");
    }
    printf("\n");
    free(memory.bytes);
}

static const struct {
    const char *name;
    void (*run)(const uint8_t *input, size_t length);
} parsers[] = {
    {"arguments", do_arguments}, {"checksum", do_checksum},         {"choice", do_choice},
    {"crc", do_crc},             {"gpt", do_gpt},                   {"guid", do_guid},
    {"modules", do_modules},     {"guid-variable", do_guid_variable}, {"mark-variable", do_mark_variable},
    {"start", do_start},         {"uevent", do_uevent},
};

int main(int count, char **words) {
    for (size_t i = 0; count == 2 && i < sizeof parsers / sizeof parsers[0]; i++) {
        if (strcmp(words[1], parsers[i].name) != 0)
            continue;
        uint8_t head[4];
        while (fread(head, 1, sizeof head, stdin) == sizeof head) {
            size_t length = get_le32(head);
            uint8_t *input = malloc(length + (length == 0));
            if (fread(input, 1, length, stdin) != length)
                return 1;
            parsers[i].run(input, length);
            free(input);
        }
        return 0;
    }
    return 2;
}
