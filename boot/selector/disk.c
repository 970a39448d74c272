#include "disk.h"

#include "../formats/bytes.h"
#include "console.h"

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

enum {
    PATH_MAXIMUM = 4096,
    NODE_MINIMUM = sizeof(EFI_DEVICE_PATH),
    /* UEFI 2.10 table 10-49: 42 bytes. The size of the C type has padding behind them. */
    HARD_DRIVE_NODE = offsetof(HARDDRIVE_DEVICE_PATH, SignatureType) + 1,
};

static UINTN node_length(const EFI_DEVICE_PATH *node) {
    return (UINTN)node->Length[0] | (UINTN)node->Length[1] << 8;
}

static const EFI_DEVICE_PATH *next_node(const EFI_DEVICE_PATH *node) {
    return (const EFI_DEVICE_PATH *)((const uint8_t *)node + node_length(node));
}

static bool is_end(const EFI_DEVICE_PATH *node) {
    return (node->Type & 0x7f) == END_DEVICE_PATH_TYPE || node_length(node) < NODE_MINIMUM;
}

static bool is_hard_drive(const EFI_DEVICE_PATH *node) {
    return node->Type == MEDIA_DEVICE_PATH && node->SubType == MEDIA_HARDDRIVE_DP &&
           node_length(node) >= HARD_DRIVE_NODE;
}

/* Bytes of a device path without its end node. */
static UINTN path_length(const EFI_DEVICE_PATH *path) {
    const EFI_DEVICE_PATH *node = path;
    while (!is_end(node))
        node = next_node(node);
    return (UINTN)((const uint8_t *)node - (const uint8_t *)path);
}

static const EFI_DEVICE_PATH *last_node(const EFI_DEVICE_PATH *path) {
    const EFI_DEVICE_PATH *last = path;
    for (const EFI_DEVICE_PATH *node = path; !is_end(node); node = next_node(node))
        last = node;
    return last;
}

static bool read_blocks(void *context, uint64_t lba, uint32_t count, void *buffer) {
    EFI_BLOCK_IO *io = context;
    return io->ReadBlocks(io, io->Media->MediaId, lba, (UINTN)count * io->Media->BlockSize, buffer) == EFI_SUCCESS;
}

static bool write_blocks(void *context, uint64_t lba, uint32_t count, const void *buffer) {
    EFI_BLOCK_IO *io = context;
    return io->WriteBlocks(io, io->Media->MediaId, lba, (UINTN)count * io->Media->BlockSize, (void *)buffer) == EFI_SUCCESS;
}

static bool flush_blocks(void *context) {
    EFI_BLOCK_IO *io = context;
    return io->FlushBlocks(io) == EFI_SUCCESS;
}

bool disk_of_partition(EFI_BOOT_SERVICES *services, EFI_HANDLE partition, struct boot_disk *disk) {
    static _Alignas(8) uint8_t shortened[PATH_MAXIMUM];
    EFI_DEVICE_PATH *path = NULL;
    if (services->HandleProtocol(partition, &device_path_guid, (void **)&path) != EFI_SUCCESS) {
        say("the place it was started from has no device path");
        return false;
    }
    const EFI_DEVICE_PATH *last = last_node(path);
    UINTN length = (UINTN)((const uint8_t *)last - (const uint8_t *)path);
    if (!is_hard_drive(last) || length + NODE_MINIMUM > PATH_MAXIMUM) {
        say("not started from a partition of a disk");
        return false;
    }
    static const uint8_t end[NODE_MINIMUM] = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, NODE_MINIMUM, 0};
    copy_bytes(shortened, path, length);
    copy_bytes(shortened + length, end, sizeof end);

    EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)shortened;
    EFI_STATUS status = services->LocateDevicePath(&block_io_guid, &rest, &disk->handle);
    if (status != EFI_SUCCESS || !is_end(rest) ||
        services->HandleProtocol(disk->handle, &block_io_guid, (void **)&disk->blocks) != EFI_SUCCESS) {
        say("the disk under the partition it was started from is not there");
        return false;
    }
    disk->path = (EFI_DEVICE_PATH *)shortened;
    EFI_BLOCK_IO_MEDIA *media = disk->blocks->Media;
    if (media->LogicalPartition || !media->MediaPresent || media->IoAlign > 4096) {
        say("the disk under the partition it was started from cannot be used");
        return false;
    }
    disk->gpt = (struct gpt_disk){
        .context = disk->blocks,
        .block_size = media->BlockSize,
        .block_count = media->LastBlock + 1,
        .read = read_blocks,
        .write = write_blocks,
        .flush = flush_blocks,
    };
    return true;
}

static bool is_partition_of(const EFI_DEVICE_PATH *path, const struct boot_disk *disk, const uint8_t unique[GUID_BYTES]) {
    UINTN prefix = path_length(disk->path);
    const EFI_DEVICE_PATH *last = last_node(path);
    if ((UINTN)((const uint8_t *)last - (const uint8_t *)path) != prefix || !same_bytes(path, disk->path, prefix))
        return false;
    if (!is_hard_drive(last))
        return false;
    const HARDDRIVE_DEVICE_PATH *drive = (const HARDDRIVE_DEVICE_PATH *)last;
    return drive->SignatureType == SIGNATURE_TYPE_GUID && same_bytes(drive->Signature, unique, GUID_BYTES);
}

static EFI_HANDLE find_file_system(EFI_BOOT_SERVICES *services, const struct boot_disk *disk,
                                   const uint8_t unique[GUID_BYTES]) {
    UINTN count = 0;
    EFI_HANDLE *handles = NULL;
    EFI_HANDLE found = NULL;
    if (services->LocateHandleBuffer(ByProtocol, &file_system_guid, NULL, &count, &handles) != EFI_SUCCESS)
        return NULL;
    for (UINTN i = 0; i < count && !found; i++) {
        EFI_DEVICE_PATH *path = NULL;
        if (services->HandleProtocol(handles[i], &device_path_guid, (void **)&path) == EFI_SUCCESS &&
            is_partition_of(path, disk, unique))
            found = handles[i];
    }
    services->FreePool(handles);
    return found;
}

EFI_HANDLE partition_handle(EFI_BOOT_SERVICES *services, const struct boot_disk *disk, const uint8_t unique[GUID_BYTES]) {
    EFI_HANDLE handle = find_file_system(services, disk, unique);
    if (handle)
        return handle;
    /* A firmware in a hurry gives drivers only to the partition it starts from. */
    services->ConnectController(disk->handle, NULL, NULL, TRUE);
    return find_file_system(services, disk, unique);
}
