#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

/* Deletes everything below, but never leaves the file system `device`: the new root and what was moved into it are
 * other ones. What cannot be deleted only costs memory. Takes the descriptor. */
static void free_folder(int fd, dev_t device) {
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct stat status;
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            status.st_dev != device)
            continue;
        if (S_ISDIR(status.st_mode)) {
            int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below >= 0)
                free_folder(below, device);
        }
        unlinkat(fd, name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
    }
    closedir(folder);
}

static void move_into_new_root(const char *from, const char *to) {
    if (mount(from, to, NULL, MS_MOVE, NULL) != 0)
        fail("cannot move %s into the root: %s", from, strerror(errno));
}

void switch_root(void) {
    struct stat old;
    int initramfs = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (initramfs < 0 || fstat(initramfs, &old) != 0)
        fail("cannot open the initramfs: %s", strerror(errno));
    move_into_new_root("/dev", NEW_ROOT "/dev");
    move_into_new_root("/proc", NEW_ROOT "/proc");
    move_into_new_root("/sys", NEW_ROOT "/sys");
    if (chdir(NEW_ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
        fail("cannot make the root the root: %s", strerror(errno));
    free_folder(initramfs, old.st_dev);
}
