#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init.h"

#define RULES NEW_ROOT "/run/udev/rules.d"

/* systemd finds /run mounted and keeps it. The rule marks this very disk and its partitions: a second disk with the same
 * GUIDs, a copy for example, is never taken for it. */
void make_run(dev_t disk) {
    char rule[512];
    if (mount("tmpfs", NEW_ROOT "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0)
        fail("cannot mount /run: %s", strerror(errno));
    make_folder(NEW_ROOT "/run/udev");
    make_folder(RULES);
    int length = snprintf(rule, sizeof rule,
                          "SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", ENV{MAJOR}==\"%u\", ENV{MINOR}==\"%u\", "
                          "SYMLINK+=\"sparkler/disk\"\n"
                          "SUBSYSTEM==\"block\", ENV{ID_PART_ENTRY_DISK}==\"%u:%u\", ENV{SPARKLER_DISK}=\"1\"\n",
                          major(disk), minor(disk), major(disk), minor(disk));
    int fd = open(RULES "/61-sparkler-disk.rules", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, rule, (size_t)length) != length || close(fd) != 0)
        fail("cannot write down which disk was started: %s", strerror(errno));
}
