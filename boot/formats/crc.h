/* Checksums: CRC-32 as GPT uses it (UEFI 2.10 §5.3.2), CRC-32C (Castagnoli) for the kernel image. */
#ifndef SPARKLER_CRC_H
#define SPARKLER_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32, polynomial 0x04c11db7 reflected, of one buffer. */
uint32_t crc32(const void *data, size_t length);

/* CRC-32C of one buffer. Uses the processor's instruction where it has one: tens of megabytes pass through here at
 * every start. */
uint32_t crc32c(const void *data, size_t length);

/* The same by table only; kept apart so that tests can hold the two against each other. */
uint32_t crc32c_by_table(const void *data, size_t length);

#endif
