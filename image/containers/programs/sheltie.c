/* A root shell in the namespaces of a host that has no shell: `sheltie [COMMAND…]`, started by root in the admin container.
 *
 * The container's own root is cloned as a mount of nobody's before the host's namespaces are entered. There a mount
 * namespace of the shell's own is made, in which that clone lies below /root and /usr is the host's /usr with the
 * container's programs and libraries behind it (an overlay of both, read-only). Both mounts are on the root mount, which
 * is made private in this namespace first, so the host never sees them; what the shell mounts elsewhere, the host does
 * see. Programs of the container run with the host's C library where they can, and the other way round where they cannot.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOME "/root"
#define TOOLS HOME "/.tools"
#define SHELL "/usr/bin/bash"
#define PROMPT "PS1='[host] \\u@\\h:\\w\\$ '\n"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif

static int failed(const char *what) {
    fprintf(stderr, "sheltie: Cannot %s: %s\n", what, strerror(errno));
    return 1;
}

static int enter_host(void) {
    static const int spaces[] = {CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWNS};
    int host = (int)syscall(SYS_pidfd_open, 1, 0);
    if (host < 0) return failed("find the host's first process");
    for (size_t at = 0; at < sizeof spaces / sizeof spaces[0]; at++)
        if (setns(host, spaces[at]) != 0) return failed("enter the host's namespaces");
    close(host);
    return 0;
}

/* The shell's own mounts; nothing of them is seen outside of its namespace. */
static int lay_tools(int tools) {
    if (unshare(CLONE_NEWNS) != 0) return failed("make a mount namespace");
    if (mount(NULL, "/", NULL, MS_PRIVATE, NULL) != 0) return failed("keep mounts from the host");
    if (mount("sheltie", HOME, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=64m") != 0) return failed("mount " HOME);
    if (mkdir(TOOLS, 0755) != 0) return failed("make " TOOLS);
    if (syscall(SYS_move_mount, tools, "", AT_FDCWD, TOOLS, MOVE_MOUNT_F_EMPTY_PATH) != 0) return failed("mount " TOOLS);
    close(tools);
    int prompt = open(HOME "/.bashrc", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (prompt >= 0) {
        if (write(prompt, PROMPT, strlen(PROMPT)) < 0) failed("write " HOME "/.bashrc");
        close(prompt);
    }
    return 0;
}

static int starts(void) {
    pid_t child = fork();
    if (child == 0) {
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nothing, 1);
        dup2(nothing, 2);
        execl(SHELL, SHELL, "-c", ":", (char *)NULL);
        _exit(127);
    }
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int lay_usr(void) {
    static const char *const orders[] = {"lowerdir=/usr:" TOOLS "/usr", "lowerdir=" TOOLS "/usr:/usr"};
    for (size_t at = 0; at < sizeof orders / sizeof orders[0]; at++) {
        if (mount("sheltie", "/usr", "overlay", MS_RDONLY | MS_NOSUID, orders[at]) != 0)
            return failed("lay the container's programs below /usr");
        if (starts()) return 0;
        umount2("/usr", MNT_DETACH);
    }
    fputs("sheltie: Cannot start " SHELL " in the host's namespaces: its libraries and the host's do not go together\n",
          stderr);
    return 1;
}

static int run_in_host(char **words) {
    const char *terminal = getenv("TERM");
    char *type = NULL;
    if (asprintf(&type, "TERM=%s", terminal == NULL ? "dumb" : terminal) < 0) return failed("remember the terminal");
    char *environment[] = {"HOME=" HOME, "USER=root", "LOGNAME=root", "SHELL=" SHELL, "LANG=C.UTF-8",
                           "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", type, NULL};
    static char *shell[] = {SHELL, NULL};
    char **line = words[0] == NULL ? shell : words;
    if (chdir(words[0] == NULL ? HOME : "/") != 0) return failed("go to the root");
    /* For the search of a command's file, which is in the host by now. */
    if (setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1) != 0) return failed("set PATH");
    execvpe(line[0], line, environment);
    fprintf(stderr, "sheltie: Cannot start \"%s\": %s\n", line[0], strerror(errno));
    return errno == ENOENT ? 127 : 126;
}

int main(int count, char **words) {
    if (count > 1 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
        puts("Usage: sudo sheltie [COMMAND...]\nA root shell in the host's namespaces, or COMMAND in them.");
        return 0;
    }
    if (geteuid() != 0) {
        fputs("sheltie: Cannot enter the host's namespaces: you are not root; try \"sudo sheltie\"\n", stderr);
        return 1;
    }
    int tools = (int)syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | O_CLOEXEC);
    if (tools < 0) return failed("take the container's root along");
    if (enter_host() != 0 || lay_tools(tools) != 0 || lay_usr() != 0) return 1;
    return run_in_host(words + 1);
}
