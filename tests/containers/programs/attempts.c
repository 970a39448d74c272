/*
 * Ways out of a container that need no more than a system call: tries each and prints its name and what came of it. Run
 * inside of a container by tests/containers/escape.test.ts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <unistd.h>

#ifndef AF_ALG
#define AF_ALG 38
#endif
#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif

static void tell(const char *name, long result) {
  printf("%s\t%s\n", name, result < 0 ? strerror(errno) : "works");
}

int main(void) {
  char buffer[256] = {0};
  struct {
    unsigned int bytes;
    int type;
    unsigned char handle[128];
  } handle = {8, 1, {2}};
  struct timex clock = {.modes = ADJ_OFFSET};
  int self = open("/proc/self/ns/mnt", O_RDONLY);

  tell("add_key", syscall(SYS_add_key, "user", "a", "b", 1, -3));
  tell("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
  tell("request_key", syscall(SYS_request_key, "user", "a", "b", -3));
  tell("bpf", syscall(SYS_bpf, 0, buffer, sizeof buffer));
  tell("perf_event_open", syscall(SYS_perf_event_open, buffer, 0, -1, -1, 0));
  tell("userfaultfd", syscall(SYS_userfaultfd, 0));
  tell("io_uring_setup", syscall(SYS_io_uring_setup, 1, buffer));
  tell("open_by_handle_at", syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
  tell("unshare user", syscall(SYS_unshare, CLONE_NEWUSER));
  tell("unshare mount", syscall(SYS_unshare, CLONE_NEWNS));
  tell("clone user", syscall(SYS_clone, CLONE_NEWUSER | 17, 0, 0, 0, 0));
  tell("setns", syscall(SYS_setns, self, CLONE_NEWNS));
  tell("mount", mount("tmpfs", "/tmp", "tmpfs", 0, NULL));
  tell("remount proc", mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
  tell("umount proc", umount2("/proc/kcore", MNT_DETACH));
  tell("fsopen", syscall(SYS_fsopen, "ext4", 0));
  tell("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
  tell("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
  tell("init_module", syscall(SYS_init_module, buffer, sizeof buffer, ""));
  tell("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
  tell("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
  tell("swapon", syscall(SYS_swapon, "/init.sh", 0));
  tell("syslog", syscall(SYS_syslog, 3, buffer, sizeof buffer));
  tell("settimeofday", syscall(SYS_settimeofday, buffer, NULL));
  tell("adjtimex", syscall(SYS_adjtimex, &clock));
  tell("sethostname", syscall(SYS_sethostname, "x", 1));
  tell("iopl", syscall(SYS_iopl, 3));
  tell("ptrace init", ptrace(PTRACE_ATTACH, 1, NULL, NULL));
  tell("socket vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
  tell("socket alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
  mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0));
  tell("open disk", open("/tmp/disk", O_RDONLY));
  mknod("/tmp/memory", S_IFCHR | 0600, makedev(1, 1));
  tell("open memory", open("/tmp/memory", O_RDONLY));
  return 0;
}
