/* A piece of text that somebody else owns, not ended by a NUL, and the few ways to take it apart. */
#ifndef SPARKLER_SPAN_H
#define SPARKLER_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *at;
    size_t length;
};

/* Takes the next line, without its newline, off the front of `rest`. False when nothing is left. */
bool span_next_line(struct span *rest, struct span *line);

/* Takes off `prefix` (NUL-ended); `value` is what follows it. False when `text` does not begin so. */
bool span_after(struct span text, const char *prefix, struct span *value);

bool span_equals(struct span text, const char *other);

/* Digits only, no sign, no spaces, up to `maximum`. False leaves `value` undefined. */
bool span_decimal(struct span text, uint64_t maximum, uint64_t *value);

/* Lower-case hexadecimal digits, at least one. */
bool span_is_hex(struct span text);

/* Copies and ends with a NUL. False when it does not fit into `room` bytes, or holds a NUL. */
bool span_copy(struct span text, char *to, size_t room);

#endif
