/**
 * The system calls of a container without superpowers, as a seccomp profile of the runtime specification ("Seccomp").
 * What changes the machine itself, reaches other processes' memory by a back door, or makes namespaces is refused with
 * EPERM; a call that this list does not know is answered like one that the kernel does not have, so that programs take
 * their other way.
 */
const ENOSYS = 38;
const EPERM = 1;

/** Address families but two that lead out of the container's network: the kernel's own ciphers (38), the hypervisor (40). */
const ALLOWED_FAMILIES = [
  ["SCMP_CMP_LT", 38],
  ["SCMP_CMP_EQ", 39],
  ["SCMP_CMP_GT", 40],
] as const;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_FLAGS = 0x7e020000;
/** Personalities that only change what a program is told: Linux, 32 bits of it, and the question which one it is. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

const allowed = `
  accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown chroot clock_getres
  clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
  epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group
  faccessat faccessat2 fadvise64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl
  fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex
  futex_requeue futex_wait futex_waitv futex_wake futimesat get_robust_list get_thread_area getcpu getcwd getdents
  getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority
  getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid
  getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents
  io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset
  landlock_restrict_self lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr
  lsm_get_self_attr lsm_list_modules lstat madvise membarrier memfd_create mincore mkdir mkdirat mknod mknodat
  mlock mlock2 mlockall mmap modify_ldt mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend
  mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep newfstatat open
  openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl
  pread64 preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev pselect6 ptrace pwrite64
  pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr
  rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
  rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
  sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity
  sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop
  sendfile sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid
  setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid
  setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx
  symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
  timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname
  unlink unlinkat utime utimensat utimes vfork vmsplice wait4 waitid write writev
`;

const refused = `
  _sysctl acct add_key adjtimex afs_syscall bpf clock_adjtime clock_settime create_module delete_module
  epoll_ctl_old epoll_wait_old fanotify_init finit_module fsconfig fsmount fsopen fspick get_kernel_syms
  get_mempolicy getpmsg init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp
  kexec_file_load kexec_load keyctl listmount lookup_dcookie lsm_set_self_attr map_shadow_stack mbind memfd_secret
  migrate_pages mount mount_setattr move_mount move_pages name_to_handle_at nfsservctl open_by_handle_at open_tree
  perf_event_open pidfd_getfd pivot_root process_madvise putpmsg query_module quotactl quotactl_fd reboot
  request_key security set_mempolicy set_mempolicy_home_node setdomainname sethostname setns settimeofday
  statmount swapoff swapon sysfs syslog tuxcall umount2 unshare uretprobe uselib userfaultfd ustat vhangup vserver
`;

/** What the capabilities of a bootstrap container are for: mounts, namespaces, modules, swap, names. */
export const BOOTSTRAP_CALLS: readonly string[] = words(`
  delete_module finit_module fsconfig fsmount fsopen fspick init_module mount mount_setattr move_mount open_tree
  pivot_root quotactl quotactl_fd setdomainname sethostname setns swapoff swapon umount2 unshare
`);

export type Seccomp = {
  readonly defaultAction: string;
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly object[];
};

/** `more` are calls allowed besides, which are refused otherwise. */
export function seccompProfile(more: readonly string[] = []): Seccomp {
  const no = words(refused).filter((name) => !more.includes(name));
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: ENOSYS,
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [
      { names: [...words(allowed), ...more], action: "SCMP_ACT_ALLOW" },
      { names: no, action: "SCMP_ACT_ERRNO", errnoRet: EPERM },
      // clone3 hides its flags in memory; glibc and musl fall back to clone.
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
      {
        names: ["clone"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
      },
      ...PERSONALITIES.map((value) => ({
        names: ["personality"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
      })),
      // One rule for each range between: conditions on the same argument in one rule would count as alternatives.
      ...ALLOWED_FAMILIES.map(([op, value]) => ({
        names: ["socket"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value, op }],
      })),
    ],
  };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
