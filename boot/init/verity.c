#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init.h"

#define NAME "sparkler-root"

enum { BLOCK = 4096, SECTORS_PER_BLOCK = BLOCK / 512, PARAMETERS_ROOM = 1024 };

/* What one ioctl of the device mapper takes and gives: head, one target, its parameters as text. */
struct request {
    struct dm_ioctl head;
    struct dm_target_spec target;
    char parameters[PARAMETERS_ROOM];
};

static void prepare(struct request *request, uint32_t flags) {
    memset(request, 0, sizeof *request);
    request->head.version[0] = DM_VERSION_MAJOR;
    request->head.data_size = sizeof *request;
    request->head.data_start = offsetof(struct request, target);
    request->head.flags = flags;
    strcpy(request->head.name, NAME);
}

static void ask(int control, unsigned long what, struct request *request, const char *doing) {
    if (ioctl(control, (int)what, request) != 0)
        fail("cannot %s: %s", doing, strerror(errno));
}

/* Format 1 with a superblock before the tree, as veritysetup writes it: the tree begins at block 1 of HASH. */
static void load_table(int control, const struct root_devices *devices, const struct boot_arguments *arguments) {
    struct request request;
    prepare(&request, DM_READONLY_FLAG);
    request.head.target_count = 1;
    request.target.length = arguments->blocks * SECTORS_PER_BLOCK;
    strcpy(request.target.target_type, "verity");
    int length = snprintf(request.parameters, sizeof request.parameters,
                          "1 %u:%u %u:%u %d %d %" PRIu64 " 1 sha256 %s %s 1 restart_on_corruption",
                          major(devices->root), minor(devices->root), major(devices->hash), minor(devices->hash), BLOCK,
                          BLOCK, arguments->blocks, arguments->root_hash, arguments->salt);
    if (length < 0 || (size_t)length >= sizeof request.parameters)
        fail("the table of the root is too long");
    ask(control, DM_TABLE_LOAD, &request, "load the hash tree of the root");
}

void mount_root(const struct root_devices *devices, const struct boot_arguments *arguments) {
    struct request request;
    char path[64];
    int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        fail("cannot open the device mapper: %s", strerror(errno));
    prepare(&request, DM_READONLY_FLAG);
    ask(control, DM_DEV_CREATE, &request, "make the device of the root");
    dev_t device = (dev_t)request.head.dev;
    load_table(control, devices, arguments);
    prepare(&request, DM_READONLY_FLAG);
    ask(control, DM_DEV_SUSPEND, &request, "start the device of the root"); /* without a flag this means: go */
    close(control);

    snprintf(path, sizeof path, "/dev/dm-%u", minor(device));
    if (mknod(path, S_IFBLK | 0600, device) != 0 && errno != EEXIST)
        fail("cannot make %s: %s", path, strerror(errno));
    make_folder(NEW_ROOT);
    if (mount(path, NEW_ROOT, "erofs", MS_RDONLY, NULL) != 0)
        fail("cannot mount the root: %s", strerror(errno));
    if (access(NEW_ROOT SYSTEMD, X_OK) != 0)
        fail("no systemd in the root: %s", strerror(errno));
}
