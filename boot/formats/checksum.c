#include "checksum.h"

bool checksum_parse(const char *text, size_t length, struct checksum *checksum) {
    enum { CRC_DIGITS = 8 };
    if (length < CRC_DIGITS + 3 || length > CHECKSUM_FILE_MAXIMUM || text[length - 1] != '\n' || text[CRC_DIGITS] != ' ')
        return false;
    uint32_t crc = 0;
    for (size_t i = 0; i < CRC_DIGITS; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9')
            crc = crc << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            crc = crc << 4 | (uint32_t)(c - 'a' + 10);
        else
            return false;
    }
    if (text[CRC_DIGITS + 1] == '0')
        return false;
    uint64_t size = 0;
    for (size_t i = CRC_DIGITS + 1; i < length - 1; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        size = size * 10 + (uint64_t)(text[i] - '0');
        if (size > CHECKED_SIZE_MAXIMUM)
            return false;
    }
    *checksum = (struct checksum){.crc32c = crc, .size = size};
    return true;
}
