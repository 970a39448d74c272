#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init.h"

/* Opening starts it. The descriptor closes when systemd is executed; without the letter V written first the hardware
 * runs on, so that systemd has `seconds` to take over and a hang of anything before that restarts the machine. */
void arm_watchdog(uint32_t seconds) {
    if (seconds == 0)
        return;
    int fd = open("/dev/watchdog0", O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        if (errno != ENOENT)
            warn("cannot open the watchdog: %s", strerror(errno));
        return;
    }
    int timeout = (int)seconds;
    if (ioctl(fd, (int)WDIOC_SETTIMEOUT, &timeout) != 0)
        warn("cannot set the watchdog to %u s: %s", seconds, strerror(errno));
    struct watchdog_info info = {0};
    if (ioctl(fd, (int)WDIOC_GETSUPPORT, &info) == 0 && (info.options & WDIOF_MAGICCLOSE) == 0)
        warn("this watchdog stops when it is handed over: no guard until systemd takes it");
}
