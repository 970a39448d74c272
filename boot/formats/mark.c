#include "mark.h"

#include "bytes.h"

enum { SHIFT = 48, HALF = 16 };
static const uint64_t MASK = 0xffffull << SHIFT;

uint32_t mark_on_disk(const struct members *members) {
    return (uint32_t)(members->root.attributes >> SHIFT) | (uint32_t)(members->hash.attributes >> SHIFT) << HALF;
}

static void put_half(struct gpt *gpt, uint32_t number, uint64_t attributes, uint32_t half) {
    gpt_set_attributes(gpt, number - 1, (attributes & ~MASK) | (uint64_t)(half & 0xffff) << SHIFT);
}

void mark_put(struct gpt *gpt, const struct members *members, uint32_t mark) {
    put_half(gpt, members->root_number, members->root.attributes, mark);
    put_half(gpt, members->hash_number, members->hash.attributes, mark >> HALF);
}

bool mark_from_efi_variable(const uint8_t *content, size_t length, uint32_t *mark) {
    enum { ATTRIBUTES = 4, NUMBER = 4 };
    if (length != ATTRIBUTES + NUMBER)
        return false;
    *mark = get_le32(content + ATTRIBUTES);
    return true;
}
