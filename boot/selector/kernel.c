#include "kernel.h"

#include "../formats/bytes.h"
#include "../formats/checksum.h"
#include "../formats/crc.h"
#include "console.h"

static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID file_info_guid = EFI_FILE_INFO_ID;
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
/* systemd's boot loader interface: the init reads from it which set was started. */
static EFI_GUID loader_guid = {0x4a67b082, 0x0a4c, 0x41cf, {0xb6, 0xc7, 0x44, 0x0b, 0x29, 0xbb, 0x8c, 0x4f}};

/* Our own variables. */
static EFI_GUID own_guid = {0x2f6c1c7e, 0x0d1b, 0x4b0f, {0x9e, 0x35, 0x6d, 0x3a, 0x11, 0x84, 0x5c, 0xe2}};

static CHAR16 image_name[] = L"\\EFI\\Linux\\sparkler.efi";
static CHAR16 checksum_name[] = L"\\EFI\\Linux\\sparkler.crc";

enum {
    PAGE = 4096,
    READ_CHUNK = 4 << 20, /* some firmwares fail on very large requests */
    WATCHDOG_SECONDS = 300,
    WATCHDOG_CODE = 0x10000, /* below that the numbers belong to the firmware */
};

struct image {
    EFI_PHYSICAL_ADDRESS address;
    UINTN pages;
    UINT64 size;
};

static bool file_size(EFI_FILE_HANDLE file, UINT64 *size) {
    /* Room for the fixed part and a name as long as FAT allows. */
    static _Alignas(8) uint8_t room[sizeof(EFI_FILE_INFO) + 2 * 256];
    UINTN length = sizeof room;
    if (file->GetInfo(file, &file_info_guid, &length, room) != EFI_SUCCESS)
        return false;
    const EFI_FILE_INFO *info = (const EFI_FILE_INFO *)room;
    *size = info->FileSize;
    return (info->Attribute & EFI_FILE_DIRECTORY) == 0;
}

static EFI_STATUS read_all(EFI_FILE_HANDLE file, uint8_t *to, UINT64 size) {
    for (UINT64 done = 0; done < size;) {
        UINTN chunk = size - done < READ_CHUNK ? (UINTN)(size - done) : READ_CHUNK;
        EFI_STATUS status = file->Read(file, &chunk, to + done);
        if (status != EFI_SUCCESS)
            return status;
        if (chunk == 0)
            return EFI_VOLUME_CORRUPTED;
        done += chunk;
    }
    return EFI_SUCCESS;
}

static bool read_checksum(EFI_FILE_HANDLE root, char set, struct checksum *checksum) {
    EFI_FILE_HANDLE file = NULL;
    char text[CHECKSUM_FILE_MAXIMUM];
    UINT64 size = 0;
    EFI_STATUS status = root->Open(root, &file, checksum_name, EFI_FILE_MODE_READ, 0);
    if (status == EFI_SUCCESS) {
        if (!file_size(file, &size) || size > sizeof text)
            status = EFI_VOLUME_CORRUPTED;
        else
            status = read_all(file, (uint8_t *)text, size);
        file->Close(file);
    }
    if (status == EFI_SUCCESS && !checksum_parse(text, (size_t)size, checksum))
        status = EFI_VOLUME_CORRUPTED;
    if (status != EFI_SUCCESS)
        say("set %s refused: EFI/Linux/sparkler.crc: %s", (char[]){set, 0}, status_text(status));
    return status == EFI_SUCCESS;
}

static bool read_image(EFI_BOOT_SERVICES *services, EFI_FILE_HANDLE root, char set, const struct checksum *expected,
                       struct image *image) {
    const char name[] = {set, 0};
    EFI_FILE_HANDLE file = NULL;
    UINT64 size = 0;
    EFI_STATUS status = root->Open(root, &file, image_name, EFI_FILE_MODE_READ, 0);
    if (status != EFI_SUCCESS) {
        say("set %s refused: EFI/Linux/sparkler.efi: %s", name, status_text(status));
        return false;
    }
    if (!file_size(file, &size) || size != expected->size) {
        say("set %s refused: EFI/Linux/sparkler.efi has not the size it should have", name);
        file->Close(file);
        return false;
    }
    image->size = size;
    image->pages = (UINTN)((size + PAGE - 1) / PAGE);
    status = services->AllocatePages(AllocateAnyPages, EfiLoaderData, image->pages, &image->address);
    if (status == EFI_SUCCESS) {
        status = read_all(file, (uint8_t *)(UINTN)image->address, size);
        if (status != EFI_SUCCESS)
            services->FreePages(image->address, image->pages);
    }
    file->Close(file);
    if (status != EFI_SUCCESS) {
        say("set %s refused: EFI/Linux/sparkler.efi: %s", name, status_text(status));
        return false;
    }
    uint32_t found = crc32c((void *)(UINTN)image->address, (size_t)size);
    if (found != expected->crc32c) {
        say("set %s refused: kernel image damaged (checksum %x, expected %x)", name, (UINT64)found, (UINT64)expected->crc32c);
        services->FreePages(image->address, image->pages);
        return false;
    }
    return true;
}

/* Where the image is said to come from: a vendor's medium that no driver knows. Told the BOOT partition, the kernel's
 * stub would take add-ons, credentials and extensions from folders there that nothing vouches for. */
static EFI_DEVICE_PATH *image_path(void) {
    static struct {
        VENDOR_DEVICE_PATH vendor;
        EFI_DEVICE_PATH end;
    } path = {
        .vendor = {.Header = {MEDIA_DEVICE_PATH, MEDIA_VENDOR_DP, {sizeof path.vendor, 0}},
                   .Guid = {0x8b0f5a52, 0x6a6f, 0x4c63, {0x9d, 0x53, 0x0e, 0x5b, 0x1c, 0x0a, 0x77, 0x21}}},
        .end = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {sizeof path.end, 0}},
    };
    return &path.vendor.Header;
}

/* What the init asks for: which set, and on which disk. A mark that is not on the disk is not told. */
static EFI_STATUS tell_init(EFI_RUNTIME_SERVICES *services, const struct start *start) {
    const UINT32 volatile_variable = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
    char text[GUID_TEXT + 1];
    CHAR16 wide[GUID_TEXT + 1];
    uint8_t mark[4];
    guid_to_text(start->boot.unique, text);
    for (int i = 0; i <= GUID_TEXT; i++)
        wide[i] = (CHAR16)text[i];
    put_le32(mark, start->mark);
    EFI_STATUS status = services->SetVariable(L"SparklerStartMark", &own_guid, volatile_variable,
                                              start->marked ? sizeof mark : 0, mark);
    if (status != EFI_SUCCESS && start->marked)
        return status;
    return services->SetVariable(L"LoaderDevicePartUUID", &loader_guid, volatile_variable, sizeof wide, wide);
}

static void start_image(EFI_SYSTEM_TABLE *system, EFI_HANDLE self, const struct start *start, const struct image *image) {
    EFI_BOOT_SERVICES *services = system->BootServices;
    const char name[] = {start->name, 0};
    EFI_HANDLE kernel = NULL;
    EFI_LOADED_IMAGE *loaded = NULL;
    EFI_STATUS status =
        services->LoadImage(FALSE, self, image_path(), (void *)(UINTN)image->address, (UINTN)image->size, &kernel);
    /* With Secure Boot a loaded image may come back although its signature was refused. */
    services->FreePages(image->address, image->pages);
    if (status != EFI_SUCCESS) {
        say("set %s refused: kernel image cannot be loaded: %s", name, status_text(status));
        if (kernel)
            services->UnloadImage(kernel);
        return;
    }
    /* The command line is the one inside the signed image; nobody adds to it here. */
    if (services->HandleProtocol(kernel, &loaded_image_guid, (void **)&loaded) == EFI_SUCCESS) {
        loaded->LoadOptions = NULL;
        loaded->LoadOptionsSize = 0;
    }
    status = tell_init(system->RuntimeServices, start);
    if (status != EFI_SUCCESS)
        say("cannot tell the init which set it is: %s", status_text(status));
    services->SetWatchdogTimer(WATCHDOG_SECONDS, WATCHDOG_CODE, 0, NULL);
    status = services->StartImage(kernel, NULL, NULL);
    say("set %s refused: its kernel came back: %s", name, status_text(status));
}

void kernel_start(EFI_SYSTEM_TABLE *system, EFI_HANDLE self, const struct boot_disk *disk, const struct start *start) {
    EFI_BOOT_SERVICES *services = system->BootServices;
    const char name[] = {start->name, 0};
    EFI_HANDLE partition = partition_handle(services, disk, start->boot.unique);
    EFI_FILE_IO_INTERFACE *volume = NULL;
    EFI_FILE_HANDLE root = NULL;
    if (!partition || services->HandleProtocol(partition, &file_system_guid, (void **)&volume) != EFI_SUCCESS ||
        volume->OpenVolume(volume, &root) != EFI_SUCCESS) {
        say("set %s refused: no file system on its BOOT partition", name);
        return;
    }
    struct checksum checksum;
    struct image image = {0};
    bool good =
        read_checksum(root, start->name, &checksum) && read_image(services, root, start->name, &checksum, &image);
    root->Close(root);
    if (good)
        start_image(system, self, start, &image);
}
