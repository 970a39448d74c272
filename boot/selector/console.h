/* One-line messages on the firmware's console. */
#ifndef SPARKLER_CONSOLE_H
#define SPARKLER_CONSOLE_H

#include <efi.h>

void console_set(SIMPLE_TEXT_OUTPUT_INTERFACE *output);

/* Prints "sparkler-selector: " and a line. Knows %s (ASCII string), %u (unsigned), %x (UINT64, hexadecimal). */
void say(const char *format, ...);

/* A status as a few words, or its number. */
const char *status_text(EFI_STATUS status);

#endif
