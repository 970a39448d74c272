#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../formats/modules.h"
#include "init.h"

enum { LIST_ROOM = 32 * 1024 };

static void load(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        warn("cannot open module %s: %s", path, strerror(errno));
        return;
    }
    /* EEXIST: it is in already. A driver whose hardware is absent says ENODEV: no reason to stop. What was really
     * needed is missed, and said, by a later step. */
    if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST)
        warn("cannot load module %s: %s", path, strerror(errno));
    close(fd);
}

void load_modules(void) {
    static char text[LIST_ROOM];
    char path[MODULE_PATH_ROOM];
    ssize_t length = read_file("/etc/modules", text, sizeof text);
    if (length < 0) {
        warn("cannot read /etc/modules: %s", strerror(errno));
        return;
    }
    struct span list = {text, (size_t)length};
    for (;;) {
        switch (modules_next(&list, path)) {
        case MODULE_END: return;
        case MODULE_BAD: warn("a line of /etc/modules is no path of a module"); break;
        case MODULE_PATH: load(path); break;
        }
    }
}
