/* Boot selector: the UEFI application on the EFI system partition (contracts §12.2). It reads the partition table of
 * the disk it was started from, chooses a partition set, writes down that it starts it, and starts it. */
#include <efi.h>

#include "../formats/bytes.h"
#include "../formats/choice.h"
#include "../formats/crc.h"
#include "../formats/mark.h"
#include "console.h"
#include "disk.h"
#include "kernel.h"

enum {
    SETS_MAXIMUM = 2,
    RETRY_SECONDS = 30,
    WATCHDOG_SECONDS = 300,
    WATCHDOG_CODE = 0x10000,
};

struct sets {
    struct start set[SETS_MAXIMUM];
    struct candidate candidate[SETS_MAXIMUM];
    size_t count;
};

/* In the order of the disk: the set whose BOOT partition comes first is A. */
static void find_sets(const struct gpt *gpt, struct sets *sets) {
    sets->count = 0;
    for (uint32_t i = 0; i < gpt->entry_count; i++) {
        struct gpt_partition found;
        if (!gpt_partition(gpt, i, &found) || !is_boot_partition(&found))
            continue;
        if (sets->count == SETS_MAXIMUM) {
            say("more than two BOOT partitions: the rest is ignored");
            break;
        }
        size_t at = sets->count++;
        for (; at > 0 && sets->set[at - 1].boot.first > found.first; at--)
            sets->set[at] = sets->set[at - 1];
        sets->set[at] = (struct start){.entry = i, .boot = found};
    }
    for (size_t i = 0; i < sets->count; i++) {
        sets->set[i].name = (char)('A' + i);
        sets->candidate[i] = (struct candidate){.flags = flags_of_attributes(sets->set[i].boot.attributes)};
    }
}

static void mend(const struct boot_disk *disk, struct gpt *gpt) {
    enum gpt_health primary = gpt->primary, backup = gpt->backup;
    if (primary == GPT_GOOD && backup == GPT_GOOD)
        return;
    const char *bad = primary != GPT_GOOD ? "primary" : "backup";
    const char *good = primary != GPT_GOOD ? "backup" : "primary";
    const char *why = gpt_health_text(primary != GPT_GOOD ? primary : backup);
    if (gpt_mend(&disk->gpt, gpt))
        say("%s GPT damaged, repaired from %s (%s)", bad, good, why);
    else
        say("%s GPT damaged (%s) and cannot be repaired", bad, why);
}

/* Another number than at any start before, as far as can be: of this disk, of this machine, of this moment. */
static uint32_t new_mark(EFI_SYSTEM_TABLE *system, uint32_t before) {
    struct {
        EFI_TIME time;
        UINT64 count;
        UINT64 before;
    } seed;
    zero_bytes(&seed, sizeof seed);
    seed.before = before;
    /* What the firmware does not have stays zero. */
    system->RuntimeServices->GetTime(&seed.time, NULL);
    system->BootServices->GetNextMonotonicCount(&seed.count);
    return crc32(&seed, sizeof seed);
}

/* Writes down that the set is started. False: it must not be. A set that was never good has to lose its try on disk
 * first, or it could be started for ever; one that was good before is started even from a disk that takes no writes,
 * without a mark. */
static bool write_start(EFI_SYSTEM_TABLE *system, const struct boot_disk *disk, struct gpt *gpt, struct start *start,
                        struct boot_flags now) {
    struct members members;
    if (members_of(gpt, start->boot.unique, &members) != MEMBERS_FOUND) {
        say("set %s refused: no ROOT and HASH partition behind its BOOT partition", (char[]){start->name, 0});
        return false;
    }
    struct boot_flags then = flags_when_started(now);
    start->mark = new_mark(system, mark_on_disk(&members));
    gpt_set_attributes(gpt, start->entry, attributes_with_flags(start->boot.attributes, then));
    mark_put(gpt, &members, start->mark);
    start->marked = gpt_write(&disk->gpt, gpt);
    if (start->marked)
        return true;
    say("cannot write the partition table: set %s %s", (char[]){start->name, 0},
        now.successful ? "is proven and started all the same" : "refused, as its start cannot be recorded");
    return now.successful;
}

/* Comes back when no set could be started. */
static void start_best(EFI_SYSTEM_TABLE *system, EFI_HANDLE self, const struct boot_disk *disk, struct gpt *gpt) {
    static struct sets sets;
    find_sets(gpt, &sets);
    if (sets.count == 0)
        say("no BOOT partition on this disk");
    for (;;) {
        int chosen = choose_set(sets.candidate, sets.count);
        if (chosen == NO_CHOICE)
            return;
        struct boot_flags flags = sets.candidate[chosen].flags;
        struct start *start = &sets.set[chosen];
        say("starting set %s (priority %u, tries %u, %s%s)", (char[]){start->name, 0}, (unsigned)flags.priority,
            (unsigned)flags.tries, flags.successful ? "successful" : "not yet successful",
            flags.starts >= STARTS_LIMIT ? ", failing" : "");
        sets.candidate[chosen].refused = true;
        if (write_start(system, disk, gpt, start, flags))
            kernel_start(system, self, disk, start);
    }
}

static void read_and_start(EFI_SYSTEM_TABLE *system, EFI_HANDLE self) {
    static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
    static struct boot_disk disk;
    static struct gpt gpt;
    EFI_LOADED_IMAGE *loaded = NULL;
    EFI_STATUS status = system->BootServices->HandleProtocol(self, &loaded_image_guid, (void **)&loaded);
    if (status != EFI_SUCCESS || !loaded->DeviceHandle) {
        say("not started from a disk");
        return;
    }
    if (!disk_of_partition(system->BootServices, loaded->DeviceHandle, &disk))
        return;
    if (!gpt_read(&disk.gpt, &gpt)) {
        say("no good GPT: primary: %s; backup: %s", gpt_health_text(gpt.primary), gpt_health_text(gpt.backup));
        return;
    }
    mend(&disk, &gpt);
    start_best(system, self, &disk, &gpt);
}

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system) {
    EFI_BOOT_SERVICES *services = system->BootServices;
    console_set(system->ConOut);
    /* The firmware restarts the machine if this hangs, for example on a disk that does not answer. */
    services->SetWatchdogTimer(WATCHDOG_SECONDS, WATCHDOG_CODE, 0, NULL);
    read_and_start(system, self);
    say("no bootable set: waiting 30 s, then trying again");
    services->Stall(RETRY_SECONDS * 1000000);
    system->RuntimeServices->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
    return EFI_ABORTED;
}

/* Newer gnu-efi enters here, from a library that this program does not need otherwise. */
EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *system) __attribute__((alias("efi_main")));
