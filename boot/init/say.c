#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "init.h"

enum { LINE_ROOM = 512, REBOOT_AFTER_SECONDS = 5 };

/* Levels of the kernel log. A quiet console still shows what is worse than a warning. */
enum { LEVEL_CRITICAL = 2, LEVEL_ERROR = 3, LEVEL_NOTICE = 5 };

static void write_line(int level, const char *format, va_list arguments) {
    char line[LINE_ROOM];
    int head = snprintf(line, sizeof line, "<%d>sparkler-init: ", level);
    vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
    for (char *c = line; *c; c++)
        if (*c == '\n')
            *c = ' ';
    strcat(line, "\n");
    int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    ssize_t written = log < 0 ? -1 : write(log, line, strlen(line));
    /* What is only a notice is not shown by a quiet kernel: stages of the boot go to the console themselves. */
    if (written < 0 || level == LEVEL_NOTICE)
        written = write(STDERR_FILENO, line + 3, strlen(line + 3));
    (void)written; /* nobody is left to tell */
    if (log >= 0)
        close(log);
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(LEVEL_NOTICE, format, arguments);
    va_end(arguments);
}

void warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(LEVEL_ERROR, format, arguments);
    va_end(arguments);
}

_Noreturn void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(LEVEL_CRITICAL, format, arguments);
    va_end(arguments);
    warn("restarting in %d s", REBOOT_AFTER_SECONDS);
    sync();
    sleep(REBOOT_AFTER_SECONDS);
    reboot(RB_AUTOBOOT);
    /* Process 1 must not end, or the kernel panics; that restarts the machine as well, if it is told to. */
    _exit(1);
}

void open_console(void) {
    if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
        return;
    int console = open("/dev/console", O_RDWR | O_NOCTTY);
    if (console < 0)
        return;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(console, fd);
    if (console > STDERR_FILENO)
        close(console);
}
