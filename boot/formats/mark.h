/* The mark of a start: a number that the selector writes into the table of the disk it starts from, and gives to the
 * init. By it the init knows that very disk among copies with the same GUIDs. It lies in bits that belong to the types of
 * our own partitions: bits 48-63 of the ROOT entry hold its low half, those of the HASH entry the high half. */
#ifndef SPARKLER_MARK_H
#define SPARKLER_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "members.h"

uint32_t mark_on_disk(const struct members *members);

/* Changes the table in memory. `members` are those of this table. */
void mark_put(struct gpt *gpt, const struct members *members, uint32_t mark);

/* The content of an efivarfs file with a mark: 4 attribute bytes, then 4 of the number, little-endian. */
bool mark_from_efi_variable(const uint8_t *content, size_t length, uint32_t *mark);

#endif
