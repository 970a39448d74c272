#include "span.h"

bool span_next_line(struct span *rest, struct span *line) {
    if (rest->length == 0)
        return false;
    size_t end = 0;
    while (end < rest->length && rest->at[end] != '\n')
        end++;
    *line = (struct span){rest->at, end};
    size_t used = end < rest->length ? end + 1 : end;
    *rest = (struct span){rest->at + used, rest->length - used};
    return true;
}

bool span_after(struct span text, const char *prefix, struct span *value) {
    size_t at = 0;
    for (; prefix[at]; at++)
        if (at >= text.length || text.at[at] != prefix[at])
            return false;
    *value = (struct span){text.at + at, text.length - at};
    return true;
}

bool span_equals(struct span text, const char *other) {
    struct span rest;
    return span_after(text, other, &rest) && rest.length == 0;
}

bool span_decimal(struct span text, uint64_t maximum, uint64_t *value) {
    uint64_t sum = 0;
    if (text.length == 0)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text.at[i] - '0');
        if (digit > maximum || sum > (maximum - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

bool span_is_hex(struct span text) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return text.length > 0;
}

bool span_copy(struct span text, char *to, size_t room) {
    if (text.length >= room)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == 0)
            return false;
        to[i] = text.at[i];
    }
    to[text.length] = 0;
    return true;
}
