#include "arguments.h"

#include "span.h"

#define BLOCKS_MAXIMUM (1ull << 40)

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word as the kernel splits them: at spaces, but not between double quotes. The quotes stay. */
static bool next_word(struct span *rest, struct span *word) {
    size_t at = 0;
    bool quoted = false;
    while (at < rest->length && is_space(rest->at[at]))
        at++;
    size_t first = at;
    for (; at < rest->length && (quoted || !is_space(rest->at[at])); at++)
        if (rest->at[at] == '"')
            quoted = !quoted;
    *word = (struct span){rest->at + first, at - first};
    *rest = (struct span){rest->at + at, rest->length - at};
    return word->length > 0;
}

struct seen {
    bool root_hash, salt, blocks, watchdog;
};

static bool twice(bool *seen) {
    bool before = *seen;
    *seen = true;
    return before;
}

static const char *take(struct span word, struct boot_arguments *arguments, struct seen *seen) {
    struct span value;
    uint64_t number;
    if (span_after(word, "sparkler.roothash=", &value)) {
        if (twice(&seen->root_hash))
            return "sparkler.roothash is given twice";
        if (value.length != ROOT_HASH_DIGITS || !span_is_hex(value) ||
            !span_copy(value, arguments->root_hash, sizeof arguments->root_hash))
            return "sparkler.roothash is not 64 hexadecimal digits";
    } else if (span_after(word, "sparkler.salt=", &value)) {
        if (twice(&seen->salt))
            return "sparkler.salt is given twice";
        if (value.length % 2 != 0 || !span_is_hex(value) || !span_copy(value, arguments->salt, sizeof arguments->salt))
            return "sparkler.salt is not 1 to 256 bytes in hexadecimal";
    } else if (span_after(word, "sparkler.blocks=", &value)) {
        if (twice(&seen->blocks))
            return "sparkler.blocks is given twice";
        if (!span_decimal(value, BLOCKS_MAXIMUM, &arguments->blocks) || arguments->blocks == 0)
            return "sparkler.blocks is not a number of blocks";
    } else if (span_after(word, "sparkler.watchdog=", &value)) {
        if (twice(&seen->watchdog))
            return "sparkler.watchdog is given twice";
        if (!span_decimal(value, WATCHDOG_SECONDS_MAXIMUM, &number))
            return "sparkler.watchdog is not a number of seconds up to 3600";
        arguments->watchdog_seconds = (uint32_t)number;
    }
    return NULL;
}

const char *arguments_parse(const char *line, size_t length, struct boot_arguments *arguments) {
    struct span rest = {line, length}, word;
    struct seen seen = {0};
    *arguments = (struct boot_arguments){.watchdog_seconds = WATCHDOG_SECONDS_DEFAULT};
    while (next_word(&rest, &word) && !span_equals(word, "--")) {
        const char *problem = take(word, arguments, &seen);
        if (problem)
            return problem;
    }
    if (!seen.root_hash)
        return "sparkler.roothash is missing";
    if (!seen.salt)
        return "sparkler.salt is missing";
    if (!seen.blocks)
        return "sparkler.blocks is missing";
    return NULL;
}
