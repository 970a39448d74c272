#include "guid.h"

/* Which byte each pair of digits stands for: the first three fields are little-endian. */
static const uint8_t order[GUID_BYTES] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

static bool dash_before(int byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void guid_to_text(const uint8_t guid[GUID_BYTES], char text[GUID_TEXT + 1]) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < GUID_BYTES; i++) {
        if (dash_before(i))
            *text++ = '-';
        *text++ = digits[guid[order[i]] >> 4];
        *text++ = digits[guid[order[i]] & 15];
    }
    *text = 0;
}

bool guid_from_text(const char *text, size_t length, uint8_t guid[GUID_BYTES]) {
    if (length != GUID_TEXT)
        return false;
    for (int i = 0; i < GUID_BYTES; i++) {
        if (dash_before(i) && *text++ != '-')
            return false;
        int high = hex_value(text[0]);
        int low = hex_value(text[1]);
        if (high < 0 || low < 0)
            return false;
        guid[order[i]] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return true;
}

bool guid_from_efi_variable(const uint8_t *content, size_t length, uint8_t guid[GUID_BYTES]) {
    enum { ATTRIBUTES = 4, WITHOUT_NUL = ATTRIBUTES + 2 * GUID_TEXT };
    if (length != WITHOUT_NUL && length != WITHOUT_NUL + 2)
        return false;
    char text[GUID_TEXT + 1];
    for (size_t i = ATTRIBUTES; i < length; i += 2) {
        size_t at = (i - ATTRIBUTES) / 2;
        if (content[i + 1] != 0 || (at == GUID_TEXT && content[i] != 0))
            return false;
        text[at] = (char)content[i];
    }
    return guid_from_text(text, GUID_TEXT, guid);
}
