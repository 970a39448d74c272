#include "kernel.h"

#include "../formats/bytes.h"
#include "../formats/checksum.h"
#include "../formats/crc.h"
#include "console.h"

static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID file_info_guid = EFI_FILE_INFO_ID;
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
/* systemd's boot loader interface: the init reads from it which set was started. */
static EFI_GUID loader_guid = {0x4a67b082, 0x0a4c, 0x41cf, {0xb6, 0xc7, 0x44, 0x0b, 0x29, 0xbb, 0x8c, 0x4f}};

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

/* Device path of the partition with the file's name behind it: from it the firmware and the kernel's stub learn where
 * the image came from. The caller frees it. */
static EFI_DEVICE_PATH *image_path(EFI_BOOT_SERVICES *services, EFI_HANDLE partition) {
    EFI_DEVICE_PATH *path = NULL;
    uint8_t *joined = NULL;
    if (services->HandleProtocol(partition, &device_path_guid, (void **)&path) != EFI_SUCCESS)
        return NULL;
    UINTN prefix = path_length(path);
    UINTN file_node = sizeof(EFI_DEVICE_PATH) + sizeof image_name;
    if (services->AllocatePool(EfiLoaderData, prefix + file_node + sizeof(EFI_DEVICE_PATH), (void **)&joined) != EFI_SUCCESS)
        return NULL;
    const EFI_DEVICE_PATH node = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, {(UINT8)file_node, (UINT8)(file_node >> 8)}};
    const EFI_DEVICE_PATH end = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {sizeof end, 0}};
    copy_bytes(joined, path, prefix);
    copy_bytes(joined + prefix, &node, sizeof node);
    copy_bytes(joined + prefix + sizeof node, image_name, sizeof image_name);
    copy_bytes(joined + prefix + file_node, &end, sizeof end);
    return (EFI_DEVICE_PATH *)joined;
}

static EFI_STATUS tell_partition(EFI_RUNTIME_SERVICES *services, const uint8_t unique[GUID_BYTES]) {
    char text[GUID_TEXT + 1];
    CHAR16 wide[GUID_TEXT + 1];
    guid_to_text(unique, text);
    for (int i = 0; i <= GUID_TEXT; i++)
        wide[i] = (CHAR16)text[i];
    return services->SetVariable(L"LoaderDevicePartUUID", &loader_guid,
                                 EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS, sizeof wide, wide);
}

static void start(EFI_SYSTEM_TABLE *system, EFI_HANDLE self, EFI_HANDLE partition, const uint8_t unique[GUID_BYTES],
                  char set, const struct image *image) {
    EFI_BOOT_SERVICES *services = system->BootServices;
    const char name[] = {set, 0};
    EFI_HANDLE kernel = NULL;
    EFI_LOADED_IMAGE *loaded = NULL;
    EFI_DEVICE_PATH *path = image_path(services, partition);
    EFI_STATUS status = EFI_OUT_OF_RESOURCES;
    if (path)
        status = services->LoadImage(FALSE, self, path, (void *)(UINTN)image->address, (UINTN)image->size, &kernel);
    /* With Secure Boot a loaded image may come back although its signature was refused. */
    services->FreePages(image->address, image->pages);
    if (path)
        services->FreePool(path);
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
    status = tell_partition(system->RuntimeServices, unique);
    if (status != EFI_SUCCESS)
        say("cannot set LoaderDevicePartUUID: %s", status_text(status));
    services->SetWatchdogTimer(WATCHDOG_SECONDS, WATCHDOG_CODE, 0, NULL);
    status = services->StartImage(kernel, NULL, NULL);
    say("set %s refused: its kernel came back: %s", name, status_text(status));
}

void kernel_start(EFI_SYSTEM_TABLE *system, EFI_HANDLE self, const struct boot_disk *disk,
                  const struct gpt_partition *boot, char set) {
    EFI_BOOT_SERVICES *services = system->BootServices;
    const char name[] = {set, 0};
    EFI_HANDLE partition = partition_handle(services, disk, boot->unique);
    EFI_FILE_IO_INTERFACE *volume = NULL;
    EFI_FILE_HANDLE root = NULL;
    if (!partition || services->HandleProtocol(partition, &file_system_guid, (void **)&volume) != EFI_SUCCESS ||
        volume->OpenVolume(volume, &root) != EFI_SUCCESS) {
        say("set %s refused: no file system on its BOOT partition", name);
        return;
    }
    struct checksum checksum;
    struct image image = {0};
    bool good = read_checksum(root, set, &checksum) && read_image(services, root, set, &checksum, &image);
    root->Close(root);
    if (good)
        start(system, self, partition, boot->unique, set, &image);
}
