/* Little-endian fields in byte buffers, and the three memory functions a freestanding program lacks. */
#ifndef SPARKLER_BYTES_H
#define SPARKLER_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint32_t get_le32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t get_le64(const uint8_t *at) {
    return (uint64_t)get_le32(at) | (uint64_t)get_le32(at + 4) << 32;
}

static inline void put_le32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static inline void put_le64(uint8_t *at, uint64_t value) {
    put_le32(at, (uint32_t)value);
    put_le32(at + 4, (uint32_t)(value >> 32));
}

static inline bool same_bytes(const void *left, const void *right, size_t length) {
    const uint8_t *a = left, *b = right;
    for (size_t i = 0; i < length; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static inline void copy_bytes(void *to, const void *from, size_t length) {
    __builtin_memcpy(to, from, length);
}

static inline void zero_bytes(void *at, size_t length) {
    __builtin_memset(at, 0, length);
}

#endif
