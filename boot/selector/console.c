#include "console.h"

#include <stdarg.h>

enum { LINE_MAXIMUM = 240 };

struct line {
    CHAR16 text[LINE_MAXIMUM + 3];
    UINTN length;
};

static SIMPLE_TEXT_OUTPUT_INTERFACE *console;

void console_set(SIMPLE_TEXT_OUTPUT_INTERFACE *output) {
    console = output;
}

static void put_character(struct line *line, char c) {
    if (line->length < LINE_MAXIMUM)
        line->text[line->length++] = (CHAR16)(unsigned char)c;
}

static void put_text(struct line *line, const char *text) {
    while (*text)
        put_character(line, *text++);
}

static void put_number(struct line *line, UINT64 value, unsigned base) {
    char digits[20];
    int count = 0;
    do
        digits[count++] = "0123456789abcdef"[value % base];
    while ((value /= base) > 0);
    while (count > 0)
        put_character(line, digits[--count]);
}

void say(const char *format, ...) {
    struct line line;
    line.length = 0;
    put_text(&line, "sparkler-selector: ");
    va_list arguments;
    va_start(arguments, format);
    for (; *format; format++) {
        if (*format != '%') {
            put_character(&line, *format);
            continue;
        }
        switch (*++format) {
        case 's': put_text(&line, va_arg(arguments, const char *)); break;
        case 'u': put_number(&line, va_arg(arguments, unsigned), 10); break;
        case 'x': put_number(&line, va_arg(arguments, UINT64), 16); break;
        default: put_character(&line, '%'); break;
        }
    }
    va_end(arguments);
    line.text[line.length] = '\r';
    line.text[line.length + 1] = '\n';
    line.text[line.length + 2] = 0;
    if (console)
        console->OutputString(console, line.text);
}

const char *status_text(EFI_STATUS status) {
    switch (status) {
    case EFI_SUCCESS: return "success";
    case EFI_LOAD_ERROR: return "load error";
    case EFI_INVALID_PARAMETER: return "invalid parameter";
    case EFI_UNSUPPORTED: return "unsupported";
    case EFI_DEVICE_ERROR: return "device error";
    case EFI_WRITE_PROTECTED: return "write protected";
    case EFI_OUT_OF_RESOURCES: return "out of memory";
    case EFI_VOLUME_CORRUPTED: return "file system damaged";
    case EFI_NO_MEDIA: return "no medium";
    case EFI_MEDIA_CHANGED: return "medium changed";
    case EFI_NOT_FOUND: return "not found";
    case EFI_ACCESS_DENIED: return "access denied";
    case EFI_TIMEOUT: return "timeout";
    case EFI_ABORTED: return "aborted";
    case EFI_SECURITY_VIOLATION: return "signature refused";
    case EFI_CRC_ERROR: return "checksum error";
    default: return "error of the firmware";
    }
}
