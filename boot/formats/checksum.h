/* The small text file beside a kernel image: 8 lower-case hexadecimal digits of its CRC-32C, one space, its size in
 * decimal, newline. Strict, so that a damaged file cannot pass for another one. */
#ifndef SPARKLER_CHECKSUM_H
#define SPARKLER_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHECKSUM_FILE_MAXIMUM = 64 };
#define CHECKED_SIZE_MAXIMUM (512ull << 20)

struct checksum {
    uint32_t crc32c;
    uint64_t size; /* 1 to CHECKED_SIZE_MAXIMUM */
};

/* False leaves `checksum` undefined. */
bool checksum_parse(const char *text, size_t length, struct checksum *checksum);

#endif
