#include <errno.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init.h"

/* KEY_POWER of linux/input-event-codes.h, which is what the power button's driver reports. */
enum { POWER_BUTTON = 116 };

/* Kernels without virtual terminals have no /dev/tty0: there the button does nothing, as it does not without this. */
void bind_power_button(void) {
    int fd = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct kbentry entry = {.kb_table = 0, .kb_index = POWER_BUTTON, .kb_value = K_SPAWNCONSOLE};
    if (fd < 0 || ioctl(fd, KDSKBENT, &entry) != 0)
        warn("cannot bind the power button: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
}
