/** Capabilities of containers (capabilities(7)), by the table of contracts §10.3. */
const ALL = `
  chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
  net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
  sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override
  mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
`;
const DEFAULT = `
  audit_write chown dac_override fowner fsetid kill mknod net_bind_service net_raw setgid setfcap setpcap setuid
  sys_chroot
`;
const BOOTSTRAP = "sys_admin net_admin sys_module audit_control";

export const ALL_CAPABILITIES: readonly string[] = named(ALL);
export const DEFAULT_CAPABILITIES: readonly string[] = named(DEFAULT);
export const BOOTSTRAP_CAPABILITIES: readonly string[] = [...DEFAULT_CAPABILITIES, ...named(BOOTSTRAP)];

function named(words: string): readonly string[] {
  return words
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => `CAP_${word.toUpperCase()}`);
}
