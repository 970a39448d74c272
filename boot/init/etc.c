#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

#define TEMPLATE NEW_ROOT "/usr/share/factory/etc"
#define ETC NEW_ROOT "/etc"

enum { DEPTH_MAXIMUM = 16, PIECE = 1 << 20 };

static _Noreturn void cannot_copy(const char *name) {
    fail("cannot copy %s of the template of /etc: %s", name, strerror(errno));
}

static void copy_content(int from, int to, const char *name, mode_t mode) {
    int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (out < 0)
        cannot_copy(name);
    ssize_t moved;
    while ((moved = sendfile(out, in, NULL, PIECE)) > 0)
        ;
    if (moved < 0)
        cannot_copy(name);
    close(in);
    if (close(out) != 0)
        cannot_copy(name);
}

static void copy_link(int from, int to, const char *name) {
    char target[PATH_MAX];
    ssize_t length = readlinkat(from, name, target, sizeof target - 1);
    if (length < 0)
        cannot_copy(name);
    target[length] = 0;
    if (symlinkat(target, to, name) != 0)
        cannot_copy(name);
}

/* Takes both descriptors. The creation mask is 0, so that modes arrive as they are; owner of everything is root. */
static void copy_folder(int from, int to, int depth) {
    DIR *folder = from < 0 || to < 0 ? NULL : fdopendir(from);
    if (!folder)
        cannot_copy("a folder");
    if (depth > DEPTH_MAXIMUM)
        fail("the template of /etc is more than %d folders deep", DEPTH_MAXIMUM);
    struct dirent *entry;
    while (errno = 0, (entry = readdir(folder))) {
        const char *name = entry->d_name;
        struct stat status;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            cannot_copy(name);
        if (S_ISREG(status.st_mode)) {
            copy_content(from, to, name, status.st_mode & 0777);
        } else if (S_ISLNK(status.st_mode)) {
            copy_link(from, to, name);
        } else if (S_ISDIR(status.st_mode)) {
            if (mkdirat(to, name, status.st_mode & 01777) != 0)
                cannot_copy(name);
            copy_folder(openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                        openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), depth + 1);
        } else {
            fail("%s in the template of /etc is no file, folder or link", name);
        }
    }
    if (errno != 0)
        cannot_copy("a folder");
    closedir(folder);
    close(to);
}

void make_etc(void) {
    if (mount("tmpfs", ETC, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") != 0)
        fail("cannot mount /etc: %s", strerror(errno));
    mode_t before = umask(0);
    copy_folder(open(TEMPLATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC), open(ETC, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 1);
    umask(before);
}
