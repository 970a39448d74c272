#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

ssize_t read_file(const char *path, void *to, size_t room) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t done = 0;
    ssize_t got;
    while ((got = read(fd, (char *)to + done, room - done)) > 0)
        done += (size_t)got;
    int problem = got < 0 ? errno : 0;
    close(fd);
    if (problem == 0 && done == room)
        problem = EFBIG;
    errno = problem;
    return problem == 0 ? (ssize_t)done : -1;
}

void make_folder(const char *path) {
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        fail("cannot make folder %s: %s", path, strerror(errno));
}
