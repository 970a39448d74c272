#include "uevent.h"

#include "span.h"

/* A device number in the kernel has 12 bits of major and 20 of minor. */
enum { MAJOR_MAXIMUM = 4095, MINOR_MAXIMUM = (1 << 20) - 1, PARTITION_MAXIMUM = 65535 };

/* A path below /dev and nothing else: not absolute, no way up. */
static bool is_name(struct span text) {
    if (text.length == 0 || text.at[0] == '/' || text.at[0] == '.')
        return false;
    for (size_t i = 1; i < text.length; i++)
        if (text.at[i] == '.' && text.at[i - 1] == '/')
            return false;
    return true;
}

static bool number(struct span value, uint64_t maximum, uint32_t *to) {
    uint64_t wide;
    if (!span_decimal(value, maximum, &wide))
        return false;
    *to = (uint32_t)wide;
    return true;
}

bool uevent_parse(const char *text, size_t length, struct block_device *device) {
    enum { MAJOR = 1, MINOR = 2, NAME = 4, TYPE = 8, PARTITION = 16, NEEDED = MAJOR | MINOR | NAME | TYPE };
    struct span rest = {text, length}, line, value;
    unsigned seen = 0;
    *device = (struct block_device){0};
    while (span_next_line(&rest, &line)) {
        unsigned key = 0;
        bool good = true;
        if (span_after(line, "MAJOR=", &value)) {
            key = MAJOR;
            good = number(value, MAJOR_MAXIMUM, &device->major);
        } else if (span_after(line, "MINOR=", &value)) {
            key = MINOR;
            good = number(value, MINOR_MAXIMUM, &device->minor);
        } else if (span_after(line, "DEVNAME=", &value)) {
            key = NAME;
            good = is_name(value) && span_copy(value, device->name, sizeof device->name);
        } else if (span_after(line, "DEVTYPE=", &value)) {
            key = TYPE;
            device->disk = span_equals(value, "disk");
            good = device->disk || span_equals(value, "partition");
        } else if (span_after(line, "PARTN=", &value)) {
            key = PARTITION;
            good = number(value, PARTITION_MAXIMUM, &device->partition) && device->partition > 0;
        }
        if (!good || (seen & key) != 0)
            return false;
        seen |= key;
    }
    return (seen & NEEDED) == NEEDED && device->disk == (device->partition == 0);
}
