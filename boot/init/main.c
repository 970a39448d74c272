/* Init of the initramfs: from the kernel to systemd in the verified root of the set that the selector started. It runs
 * once, as process 1, and every step either is done or restarts the machine. */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

static void mount_one(const char *type, const char *path, unsigned long flags, const char *options) {
    make_folder(path);
    if (mount(type, path, type, flags, options) != 0 && errno != EBUSY)
        fail("cannot mount %s: %s", path, strerror(errno));
}

static void mount_kernel_folders(void) {
    mount_one("devtmpfs", "/dev", MS_NOSUID, "mode=0755");
    open_console();
    mount_one("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount_one("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static void read_arguments(struct boot_arguments *arguments) {
    static char line[16 * 1024];
    ssize_t length = read_file("/proc/cmdline", line, sizeof line);
    if (length < 0)
        fail("cannot read the kernel's command line: %s", strerror(errno));
    const char *problem = arguments_parse(line, (size_t)length, arguments);
    if (problem)
        fail("kernel command line: %s", problem);
}

int main(int count, char **words) {
    static struct boot_arguments arguments;
    struct started_set set;
    char name[GUID_TEXT + 1];
    (void)count;
    if (getpid() != 1)
        return 1; /* started by hand: everything below would be wrong */
    umask(022);

    mount_kernel_folders();
    say("preparing the root");
    read_arguments(&arguments);
    load_modules();
    bind_power_button();
    arm_watchdog(arguments.watchdog_seconds);
    read_started_set(&set);
    struct root_devices devices = find_root_devices(&set);
    mount_root(&devices, &arguments);
    make_etc();
    make_run(devices.disk);
    switch_root();

    guid_to_text(set.boot, name);
    say("starting systemd from set PARTUUID %s", name);
    words[0] = (char[]){SYSTEMD};
    execv(SYSTEMD, words);
    fail("cannot start systemd: %s", strerror(errno));
}
