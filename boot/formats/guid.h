/* GUIDs: between the mixed-endian 16 bytes of UEFI (2.10, appendix A) and 36 characters of text. */
#ifndef SPARKLER_GUID_H
#define SPARKLER_GUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUID_BYTES = 16, GUID_TEXT = 36 };

/* Writes 36 lower-case characters and a NUL. */
void guid_to_text(const uint8_t guid[GUID_BYTES], char text[GUID_TEXT + 1]);

/* Accepts exactly 36 characters, either case. False leaves `guid` undefined. */
bool guid_from_text(const char *text, size_t length, uint8_t guid[GUID_BYTES]);

/* The content of an efivarfs file that holds a GUID as text: 4 attribute bytes, then UTF-16 with or without its NUL. */
bool guid_from_efi_variable(const uint8_t *content, size_t length, uint8_t guid[GUID_BYTES]);

#endif
