/* The partitions of the set that a BOOT partition stands for: ROOT and HASH are the two numerically right behind it,
 * with the types of contracts §12.1. */
#ifndef SPARKLER_MEMBERS_H
#define SPARKLER_MEMBERS_H

#include "gpt.h"

enum members_result { MEMBERS_FOUND, MEMBERS_NOT_HERE, MEMBERS_WRONG };

struct members {
    uint32_t root_number, hash_number; /* from 1, as the kernel counts partitions */
    struct gpt_partition root, hash;
};

bool is_boot_partition(const struct gpt_partition *partition);

/* NOT_HERE: this table has no such BOOT partition. WRONG: it has, but what follows it is not its ROOT and HASH. */
enum members_result members_of(const struct gpt *gpt, const uint8_t boot[GUID_BYTES], struct members *members);

#endif
