#include "crc.h"

#define POLYNOMIAL_CRC32 0xedb88320u
#define POLYNOMIAL_CRC32C 0x82f63b78u

struct crc_table {
    int ready;
    uint32_t step[256];
};

static uint32_t run_table(struct crc_table *table, uint32_t polynomial, const uint8_t *bytes, size_t length) {
    if (!table->ready) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) ? (value >> 1) ^ polynomial : value >> 1;
            table->step[i] = value;
        }
        table->ready = 1;
    }
    uint32_t crc = ~0u;
    for (size_t i = 0; i < length; i++)
        crc = (crc >> 8) ^ table->step[(crc ^ bytes[i]) & 0xff];
    return ~crc;
}

uint32_t crc32(const void *data, size_t length) {
    static struct crc_table table;
    return run_table(&table, POLYNOMIAL_CRC32, data, length);
}

uint32_t crc32c_by_table(const void *data, size_t length) {
    static struct crc_table table;
    return run_table(&table, POLYNOMIAL_CRC32C, data, length);
}

#if defined(__x86_64__)

/* CPUID leaf 1, ECX bit 20: SSE 4.2. The instruction works on general registers, so no vector state is needed. */
static int has_crc32c_instruction(void) {
    uint32_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (c >> 20) & 1;
}

uint32_t crc32c(const void *data, size_t length) {
    if (!has_crc32c_instruction())
        return crc32c_by_table(data, length);
    const uint8_t *bytes = data;
    uint64_t crc = 0xffffffffu;
    for (; length >= 8; length -= 8, bytes += 8) {
        uint64_t word;
        __builtin_memcpy(&word, bytes, sizeof word);
        __asm__("crc32q %1, %0" : "+r"(crc) : "r"(word));
    }
    uint32_t rest = (uint32_t)crc;
    for (; length > 0; length--, bytes++)
        __asm__("crc32b %1, %0" : "+r"(rest) : "r"(*bytes));
    return ~rest;
}

#else

uint32_t crc32c(const void *data, size_t length) {
    return crc32c_by_table(data, length);
}

#endif
