#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "../formats/mark.h"
#include "../formats/uevent.h"
#include "init.h"

#define VARIABLES "/sys/firmware/efi/efivars"
#define STARTED_SET VARIABLES "/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define START_MARK VARIABLES "/SparklerStartMark-2f6c1c7e-0d1b-4b0f-9e35-6d3a11845ce2"
#define BLOCK_DEVICES "/sys/class/block"

enum { WAIT_SECONDS = 20, POLLS_PER_SECOND = 50, PATH_ROOM = 1024, UEVENT_ROOM = 4096 };

void read_started_set(struct started_set *set) {
    uint8_t content[256];
    if (mount("efivarfs", VARIABLES, "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0 && errno != EBUSY)
        fail("cannot mount the firmware's variables: %s", strerror(errno));
    ssize_t length = read_file(STARTED_SET, content, sizeof content);
    if (length < 0)
        fail("cannot read which set was started (LoaderDevicePartUUID): %s", strerror(errno));
    if (!guid_from_efi_variable(content, (size_t)length, set->boot))
        fail("cannot tell which set was started: LoaderDevicePartUUID is no GUID");
    length = read_file(START_MARK, content, sizeof content);
    set->marked = length >= 0 && mark_from_efi_variable(content, (size_t)length, &set->mark);
    if (!set->marked)
        warn("the selector gave no mark: the disk is known by its GUIDs only");
}

static bool read_blocks(void *context, uint64_t lba, uint32_t blocks, void *buffer) {
    const int *disk = context;
    int size = 0;
    if (ioctl(*disk, BLKSSZGET, &size) != 0 || size <= 0)
        return false;
    size_t length = (size_t)blocks * (size_t)size;
    for (size_t done = 0; done < length;) {
        ssize_t got = pread(*disk, (char *)buffer + done, length - done, (off_t)(lba * (uint64_t)size + done));
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* /sys/class/block/DISK/uevent or /sys/class/block/DISK/PARTITION/uevent. Paths cut short are not there. */
static bool read_uevent(const char *disk, const char *partition, struct block_device *device) {
    char path[PATH_ROOM], text[UEVENT_ROOM];
    snprintf(path, sizeof path, BLOCK_DEVICES "/%s/%s%suevent", disk, partition, *partition ? "/" : "");
    ssize_t length = read_file(path, text, sizeof text);
    return length > 0 && uevent_parse(text, (size_t)length, device);
}

/* The table as it lies on the disk: the kernel's own reading of it does not tell unique GUIDs without udev. */
static enum members_result read_members(const struct block_device *disk, const uint8_t boot[GUID_BYTES],
                                        struct members *members) {
    static struct gpt gpt;
    char path[PATH_ROOM];
    int sector = 0;
    uint64_t bytes = 0;
    enum members_result result = MEMBERS_NOT_HERE;
    snprintf(path, sizeof path, "/dev/%s", disk->name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return result;
    if (ioctl(fd, BLKSSZGET, &sector) == 0 && ioctl(fd, (int)BLKGETSIZE64, &bytes) == 0 && sector > 0) {
        const struct gpt_disk source = {
            .context = &fd,
            .block_size = (uint32_t)sector,
            .block_count = bytes / (uint64_t)sector,
            .read = read_blocks,
        };
        if (gpt_read(&source, &gpt))
            result = members_of(&gpt, boot, members);
    }
    close(fd);
    return result;
}

/* The device of partition `number`; 0 while the kernel has not made it yet. */
static dev_t partition_device(const char *disk, uint32_t number) {
    char path[PATH_ROOM];
    dev_t found = 0;
    snprintf(path, sizeof path, BLOCK_DEVICES "/%s", disk);
    DIR *folder = opendir(path);
    if (!folder)
        return 0;
    for (struct dirent *entry; found == 0 && (entry = readdir(folder));) {
        struct block_device device;
        if (entry->d_name[0] != '.' && read_uevent(disk, entry->d_name, &device) && device.partition == number)
            found = makedev(device.major, device.minor);
    }
    closedir(folder);
    return found;
}

struct look {
    struct root_devices devices;
    unsigned disks;  /* with the started set on them */
    bool partitions; /* the kernel shows those of the last such disk */
    bool copies;     /* there are disks with the same set and another mark */
};

/* One look at everything there is. */
static void look(const struct started_set *set, struct look *seen) {
    *seen = (struct look){0};
    DIR *folder = opendir(BLOCK_DEVICES);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct block_device disk;
        struct members members;
        if (entry->d_name[0] == '.' || !read_uevent(entry->d_name, "", &disk) || !disk.disk)
            continue;
        enum members_result result = read_members(&disk, set->boot, &members);
        if (result == MEMBERS_NOT_HERE)
            continue;
        if (set->marked && (result == MEMBERS_WRONG || mark_on_disk(&members) != set->mark)) {
            seen->copies = true;
            continue;
        }
        if (result == MEMBERS_WRONG)
            fail("no ROOT and HASH partition behind the BOOT partition on %s", disk.name);
        seen->disks++;
        seen->devices.disk = makedev(disk.major, disk.minor);
        seen->devices.root = partition_device(entry->d_name, members.root_number);
        seen->devices.hash = partition_device(entry->d_name, members.hash_number);
        seen->partitions = seen->devices.root != 0 && seen->devices.hash != 0;
    }
    closedir(folder);
}

struct root_devices find_root_devices(const struct started_set *set) {
    struct look seen;
    char text[GUID_TEXT + 1];
    guid_to_text(set->boot, text);
    for (int poll = 0; poll < WAIT_SECONDS * POLLS_PER_SECOND; poll++) {
        look(set, &seen);
        if (seen.disks > 1)
            fail("%u disks have the set PARTUUID %s: cannot tell which was started", seen.disks, text);
        if (seen.partitions)
            return seen.devices;
        nanosleep(&(struct timespec){.tv_nsec = 1000000000 / POLLS_PER_SECOND}, NULL);
    }
    if (seen.disks > 0)
        fail("the kernel shows no partitions for the set PARTUUID %s within %d s", text, WAIT_SECONDS);
    fail("no disk with the set PARTUUID %s within %d s%s", text, WAIT_SECONDS,
         seen.copies ? ", only copies of it" : "");
}
