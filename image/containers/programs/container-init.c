/* The first process of a container of ours: starts what its words say, if any, hands signals on to it, reaps every
 * process whose parent has gone, and ends as that program does. Without words it stays until it is told to end, so that
 * commands may be run in the container. It need not have the process number 1: it takes orphans in that case as well. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int ends(int signal) { return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT; }

static pid_t start(char **words, const sigset_t *before) {
    pid_t child = fork();
    if (child != 0) return child;
    sigprocmask(SIG_SETMASK, before, NULL);
    execvp(words[0], words);
    fprintf(stderr, "container-init: Cannot start \"%s\": %s\n", words[0], strerror(errno));
    _exit(127);
}

/* Collects all that have ended; the status of `main_child` when it is among them, -1 otherwise. */
static int reap(pid_t main_child) {
    int answer = -1;
    for (;;) {
        int status;
        pid_t ended = waitpid(-1, &status, WNOHANG);
        if (ended <= 0) return answer;
        if (ended != main_child) continue;
        answer = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

int main(int count, char **words) {
    sigset_t all, before;
    pid_t child = 0;
    sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, &before) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        perror("container-init: Cannot take signals and orphans");
        return 1;
    }
    if (count > 1) {
        child = start(words + 1, &before);
        if (child < 0) {
            perror("container-init: Cannot start a process");
            return 1;
        }
    }
    for (;;) {
        int signal = sigwaitinfo(&all, NULL);
        if (signal < 0) continue;
        if (signal == SIGCHLD) {
            int status = reap(child);
            if (child > 0 && status >= 0) return status;
            continue;
        }
        if (child > 0) {
            kill(child, signal);
        } else if (ends(signal)) {
            return 0;
        }
    }
}
