/* What the kernel says of a block device in /sys/class/block/NAME/uevent: lines of KEY=value. */
#ifndef SPARKLER_UEVENT_H
#define SPARKLER_UEVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEVICE_NAME_ROOM = 64 };

struct block_device {
    char name[DEVICE_NAME_ROOM]; /* below /dev */
    bool disk;                   /* a whole one; else a partition */
    uint32_t major, minor;
    uint32_t partition; /* its number, from 1; 0 for a disk */
};

/* False when a line that we need is missing, repeated or malformed; `device` is then undefined. Unknown lines pass. */
bool uevent_parse(const char *text, size_t length, struct block_device *device);

#endif
