/* Stands in for systemd: says that it was reached, then does nothing for ever. */
#include <unistd.h>

int main(void) {
    static const char words[] = "test-init: hanging\n";
    ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
    (void)written;
    for (;;)
        pause();
}
