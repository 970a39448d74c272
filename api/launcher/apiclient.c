/* `apiclient` in a container, whatever image it has: starts the host's executable by the host's own loader, with the
 * host's libraries, which all lie in one folder that is mounted into every container (image/root/client.ts). The
 * environment goes along but for what would change another loader's work: the container set that for its own. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/local/lib/sparkler"
#define LOADER FOLDER "/ld.so"
#define PROGRAM FOLDER "/sparkler-host"
#define MOST 4096 /* words */

extern char **environ;

static int for_loader(const char *word) {
    return strncmp(word, "LD_", 3) == 0 || strncmp(word, "GLIBC_TUNABLES=", 15) == 0;
}

int main(int count, char **words) {
    static char *line[MOST] = {LOADER, "--library-path", FOLDER, "--argv0", "apiclient", PROGRAM};
    int used = 6;
    char **kept = environ;
    if (count > MOST - used) {
        fputs("apiclient: Cannot take that many words\n", stderr);
        return 2;
    }
    for (int at = 1; at < count; at++) line[used++] = words[at];
    for (char **each = environ; *each != NULL; each++)
        if (!for_loader(*each)) *kept++ = *each;
    *kept = NULL;
    execve(LOADER, line, environ);
    perror("apiclient: Cannot start " LOADER);
    return 127;
}
