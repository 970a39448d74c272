#include "choice.h"

enum { PRIORITY_SHIFT = 48, TRIES_SHIFT = 52, SUCCESSFUL_SHIFT = 56, STARTS_SHIFT = 57 };
static const uint64_t FLAGS_MASK = 0xfffull << PRIORITY_SHIFT;

struct boot_flags flags_of_attributes(uint64_t attributes) {
    return (struct boot_flags){
        .priority = attributes >> PRIORITY_SHIFT & 15,
        .tries = attributes >> TRIES_SHIFT & 15,
        .successful = attributes >> SUCCESSFUL_SHIFT & 1,
        .starts = attributes >> STARTS_SHIFT & STARTS_MAXIMUM,
    };
}

uint64_t attributes_with_flags(uint64_t attributes, struct boot_flags flags) {
    return (attributes & ~FLAGS_MASK) | (uint64_t)(flags.priority & 15) << PRIORITY_SHIFT |
           (uint64_t)(flags.tries & 15) << TRIES_SHIFT | (uint64_t)flags.successful << SUCCESSFUL_SHIFT |
           (uint64_t)(flags.starts & STARTS_MAXIMUM) << STARTS_SHIFT;
}

bool flags_bootable(struct boot_flags flags) {
    return flags.priority > 0 && (flags.successful || flags.tries > 0);
}

struct boot_flags flags_when_started(struct boot_flags flags) {
    if (flags.tries > 0)
        flags.tries--;
    flags.starts = flags.starts < STARTS_MAXIMUM ? flags.starts + 1 : STARTS_LIMIT;
    return flags;
}

static bool failing(struct boot_flags flags) {
    return flags.starts >= STARTS_LIMIT;
}

/* Both failing: they take turns, so their counts, which go round, are close to one another. */
static bool behind(struct boot_flags one, struct boot_flags other) {
    enum { ROUND = STARTS_MAXIMUM - STARTS_LIMIT + 1 };
    return (one.starts + ROUND - other.starts) % ROUND > ROUND / 2;
}

static bool better(struct boot_flags one, struct boot_flags other) {
    if (failing(one) != failing(other))
        return failing(other);
    if (failing(one) && one.starts != other.starts)
        return behind(one, other);
    return one.priority > other.priority;
}

int choose_set(const struct candidate *candidates, size_t count) {
    int best = NO_CHOICE;
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].refused || !flags_bootable(candidates[i].flags))
            continue;
        if (best == NO_CHOICE || better(candidates[i].flags, candidates[best].flags))
            best = (int)i;
    }
    return best;
}
