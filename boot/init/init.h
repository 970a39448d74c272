/* The steps of the initramfs init, one file each. A step that cannot be done calls fail(), which does not return. */
#ifndef SPARKLER_INIT_H
#define SPARKLER_INIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../formats/arguments.h"
#include "../formats/guid.h"

#define NEW_ROOT "/sysroot"
#define SYSTEMD "/usr/lib/systemd/systemd"

/* say.c: one line to the kernel log, and so to the console. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says why, waits a little, restarts the machine: the selector may choose the other set. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The console as descriptors 0 to 2 where the kernel could not open it. Needs /dev. */
void open_console(void);

/* file.c */
/* Reads at most `room` bytes of a small file. -1 and errno on failure; a longer file is EFBIG. */
ssize_t read_file(const char *path, void *to, size_t room);
void make_folder(const char *path);

/* modules.c: loads what /etc/modules lists. */
void load_modules(void);

/* power.c: the power button sends process 1 the signal of a keyboard request, which systemd takes as kbrequest.target:
 * an orderly power-off without a program that waits for it. */
void bind_power_button(void);

/* watchdog.c: lets the hardware restart a machine that hangs. 0 seconds: does nothing. */
void arm_watchdog(uint32_t seconds);

/* partitions.c */
struct root_devices {
    dev_t disk, root, hash;
};
/* What the selector says that it started: a BOOT partition, on the disk with this mark (formats/mark.h). It gives no
 * mark when it could not write one. */
struct started_set {
    uint8_t boot[GUID_BYTES];
    bool marked;
    uint32_t mark;
};
/* Reads it from the variables LoaderDevicePartUUID and SparklerStartMark. Mounts efivarfs. */
void read_started_set(struct started_set *set);
/* Waits for the disk with that partition. */
struct root_devices find_root_devices(const struct started_set *set);

/* verity.c: maps ROOT through its hash tree and mounts it on NEW_ROOT. */
void mount_root(const struct root_devices *devices, const struct boot_arguments *arguments);

/* etc.c: a tmpfs on /etc of the new root, filled from the image's template. */
void make_etc(void);

/* run.c: a tmpfs on /run of the new root, with the udev rule that knows the disk that was started. */
void make_run(dev_t disk);

/* switch.c: makes NEW_ROOT the root, frees the initramfs. */
void switch_root(void);

#endif
