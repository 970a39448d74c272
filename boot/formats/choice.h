/* Which partition set to start: a pure decision over the flags in the GPT entries of the BOOT partitions.
 *
 * Bits 48-51 priority, 52-55 tries left, 56 successful. Bits 57-59 are our own: how often the set was started since
 * it was last found good. A set that was good once keeps bit 56 for ever; without this count a later defect in its
 * root, which restarts the machine, would be started again and again although the other set works. */
#ifndef SPARKLER_CHOICE_H
#define SPARKLER_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STARTS_LIMIT = 3,   /* from this many fruitless starts on, another bootable set with fewer goes first */
    STARTS_MAXIMUM = 7, /* three bits; after it comes the limit again */
};

struct boot_flags {
    uint8_t priority;
    uint8_t tries;
    uint8_t starts;
    bool successful;
};

struct boot_flags flags_of_attributes(uint64_t attributes);

/* `attributes` with our twelve bits replaced; all others are kept. */
uint64_t attributes_with_flags(uint64_t attributes, struct boot_flags flags);

bool flags_bootable(struct boot_flags flags);

/* What must be on the disk before a set with these flags is started: one try less, one start more. */
struct boot_flags flags_when_started(struct boot_flags flags);

struct candidate {
    struct boot_flags flags;
    bool refused; /* already found unusable in this run */
};

enum { NO_CHOICE = -1 };

/* Index of the set to start of at most two, or NO_CHOICE. A set below STARTS_LIMIT goes before one that has reached it;
 * of two below it the higher priority wins, and the first wins a tie; two that have reached it take turns. */
int choose_set(const struct candidate *candidates, size_t count);

#endif
