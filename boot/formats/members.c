#include "members.h"

#include "bytes.h"

/* The type GUIDs as they lie on disk: 6b636168-7420-6568-2070-6c616e657421, 5526016a-1a97-4ea4-b39a-b7c8c6ca4502,
 * 598f10af-c955-4456-6a99-7720068a6cea. */
static const uint8_t boot_type[GUID_BYTES] = {0x68, 0x61, 0x63, 0x6b, 0x20, 0x74, 0x68, 0x65,
                                              0x20, 0x70, 0x6c, 0x61, 0x6e, 0x65, 0x74, 0x21};
static const uint8_t root_type[GUID_BYTES] = {0x6a, 0x01, 0x26, 0x55, 0x97, 0x1a, 0xa4, 0x4e,
                                              0xb3, 0x9a, 0xb7, 0xc8, 0xc6, 0xca, 0x45, 0x02};
static const uint8_t hash_type[GUID_BYTES] = {0xaf, 0x10, 0x8f, 0x59, 0x55, 0xc9, 0x56, 0x44,
                                              0x6a, 0x99, 0x77, 0x20, 0x06, 0x8a, 0x6c, 0xea};

bool is_boot_partition(const struct gpt_partition *partition) {
    return same_bytes(partition->type, boot_type, GUID_BYTES);
}

enum members_result members_of(const struct gpt *gpt, const uint8_t boot[GUID_BYTES], struct members *members) {
    for (uint32_t i = 0; i < gpt->entry_count; i++) {
        struct gpt_partition found;
        if (!gpt_partition(gpt, i, &found) || !is_boot_partition(&found) || !same_bytes(found.unique, boot, GUID_BYTES))
            continue;
        /* Entry i is partition i + 1. */
        members->root_number = i + 2;
        members->hash_number = i + 3;
        return gpt_partition(gpt, i + 1, &members->root) && same_bytes(members->root.type, root_type, GUID_BYTES) &&
                       gpt_partition(gpt, i + 2, &members->hash) && same_bytes(members->hash.type, hash_type, GUID_BYTES)
                   ? MEMBERS_FOUND
                   : MEMBERS_WRONG;
    }
    return MEMBERS_NOT_HERE;
}
