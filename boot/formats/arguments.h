/* Our words on the kernel's command line (contracts §15.2): which root the signed kernel image stands for.
 *   sparkler.roothash=  64 hexadecimal digits, the top of the hash tree
 *   sparkler.salt=      its salt, 1 to 256 bytes in hexadecimal
 *   sparkler.blocks=    4096-byte data blocks of ROOT
 *   sparkler.watchdog=  seconds until the hardware restarts a machine that hangs; 0: leave it alone; may be missing
 * Each at most once: a second one could only come from somebody who adds to a signed command line. Words behind a bare
 * "--" belong to systemd and are not looked at. */
#ifndef SPARKLER_ARGUMENTS_H
#define SPARKLER_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

enum {
    ROOT_HASH_DIGITS = 64,
    SALT_DIGITS_MAXIMUM = 512,
    WATCHDOG_SECONDS_DEFAULT = 120,
    WATCHDOG_SECONDS_MAXIMUM = 3600,
};

struct boot_arguments {
    char root_hash[ROOT_HASH_DIGITS + 1];
    char salt[SALT_DIGITS_MAXIMUM + 1];
    uint64_t blocks;
    uint32_t watchdog_seconds;
};

/* NULL when all is well, else what is wrong, in a few words; then `arguments` is undefined. */
const char *arguments_parse(const char *line, size_t length, struct boot_arguments *arguments);

#endif
