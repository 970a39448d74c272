/**
 * The services that settings reach, and their files. Commands are tried only on running units (`try-…`), so
 * that a change before a unit is due does not start it early. Contracts section 14.3.
 */
import type { ConfigurationFile, Service } from "./definition.ts";
import { hasModules, lockdownReboot, modulesReboot, readLockdownBack, readModulesBack } from "./kernel.ts";

export const SYSTEMCTL = "/usr/bin/systemctl";
const SYSTEMD_SYSCTL = "/usr/lib/systemd/systemd-sysctl";

export const configurationFiles: Readonly<Record<string, ConfigurationFile>> = {
  motd: { path: "/etc/motd", template: "motd.template", mode: 0o644 },
  "chrony-conf": { path: "/etc/chrony/chrony.conf", template: "chrony.conf.template", mode: 0o644 },
  hostname: { path: "/etc/hostname", template: "hostname.template", mode: 0o644 },
  hosts: { path: "/etc/hosts", template: "hosts.template", mode: 0o644 },
  "hostname-sysctl": { path: "/etc/sysctl.d/10-hostname.conf", template: "hostname.conf.template", mode: 0o644 },
  sysctl: { path: "/etc/sysctl.d/90-settings.conf", template: "sysctl.conf.template", mode: 0o644 },
  // A proxy's address may hold a password.
  "proxy-env": { path: "/etc/network/proxy.env", template: "proxy.env.template", mode: 0o600 },
  "resolved-dns": {
    path: "/etc/systemd/resolved.conf.d/50-settings.conf",
    template: "resolved.conf.template",
    mode: 0o644,
  },
  "network-dns": {
    path: "/etc/systemd/network/80-ethernet.network.d/50-settings.conf",
    template: "network-dns.conf.template",
    mode: 0o644,
  },
  modprobe: { path: "/etc/modprobe.d/settings.conf", template: "modprobe.conf.template", mode: 0o644 },
  "modules-load": { path: "/etc/modules-load.d/settings.conf", template: "modules-load.conf.template", mode: 0o644 },
  lockdown: { path: "/etc/sparkler/lockdown", template: "lockdown.template", mode: 0o644 },
  certificates: { path: "/etc/sparkler/certificates.json", template: "certificates.json.template", mode: 0o644 },
  "host-containers": {
    path: "/etc/host-containers/host-containers.toml",
    template: "host-containers.toml.template",
    mode: 0o600,
  },
  "host-ctr": { path: "/etc/host-containers/host-ctr.toml", template: "host-ctr.toml.template", mode: 0o600 },
  containerd: { path: "/etc/containerd/config.toml", template: "containerd.toml.template", mode: 0o600 },
  "cri-base": { path: "/etc/containerd/cri-base.json", template: "cri-base.json.template", mode: 0o644 },
  updog: { path: "/etc/updog.toml", template: "updog.toml.template", mode: 0o600 },
  // User data and commands may hold secrets.
  "bootstrap-containers": {
    path: "/etc/bootstrap-containers/bootstrap-containers.toml",
    template: "bootstrap-containers.toml.template",
    mode: 0o600,
  },
  "bootstrap-commands": {
    path: "/etc/bootstrap-commands/bootstrap-commands.toml",
    template: "bootstrap-commands.toml.template",
    mode: 0o600,
  },
};

export const services: Readonly<Record<string, Service>> = {
  motd: { configurationFiles: ["motd"], restartCommands: [] },
  hostname: {
    configurationFiles: ["hostname", "hosts", "hostname-sysctl"],
    restartCommands: [[SYSTEMD_SYSCTL, "/etc/sysctl.d/10-hostname.conf"]],
    sysctls: ({ network }) => (network?.hostname === undefined ? {} : { "kernel.hostname": network.hostname }),
  },
  hosts: { configurationFiles: ["hosts"], restartCommands: [] },
  proxy: { configurationFiles: ["proxy-env"], restartCommands: [] },
  dns: {
    configurationFiles: ["network-dns", "resolved-dns"],
    restartCommands: [
      [SYSTEMCTL, "try-reload-or-restart", "systemd-networkd.service"],
      // Not reloaded: systemd 257 then keeps search domains that are no longer in the file.
      [SYSTEMCTL, "try-restart", "systemd-resolved.service"],
    ],
    bootsAsWanted: ({ dns }) => (dns?.["name-servers"] ?? []).length + (dns?.["search-list"] ?? []).length === 0,
  },
  ntp: {
    configurationFiles: ["chrony-conf"],
    restartCommands: [[SYSTEMCTL, "try-reload-or-restart", "chronyd.service"]],
  },
  sysctl: {
    configurationFiles: ["sysctl"],
    restartCommands: [[SYSTEMD_SYSCTL, "/etc/sysctl.d/90-settings.conf"]],
    sysctls: ({ kernel }) => kernel?.sysctl ?? {},
  },
  "kernel-modules": {
    configurationFiles: ["modprobe", "modules-load"],
    restartCommands: [[SYSTEMCTL, "try-restart", "systemd-modules-load.service"]],
    bootsAsWanted: (settings) => !hasModules(settings),
    reboot: modulesReboot,
    readBacks: readModulesBack,
  },
  lockdown: {
    configurationFiles: ["lockdown"],
    restartCommands: [["/usr/bin/kernel-lockdown"]],
    bootsAsWanted: ({ kernel }) => (kernel?.lockdown ?? "none") === "none",
    reboot: lockdownReboot,
    readBacks: readLockdownBack,
  },
  pki: {
    configurationFiles: ["certificates"],
    restartCommands: [["/usr/bin/ca-bundle"]],
    bootsAsWanted: ({ pki }) => Object.keys(pki ?? {}).length === 0,
  },
  "host-containers": {
    configurationFiles: ["host-containers"],
    restartCommands: [["/usr/bin/host-containers"]],
    // At boot its own unit runs it.
    bootsAsWanted: () => true,
    mendsItself: true,
  },
  // Read whenever an image is pulled.
  registries: { configurationFiles: ["host-ctr"], restartCommands: [] },
  containerd: {
    configurationFiles: ["containerd", "cri-base"],
    restartCommands: [[SYSTEMCTL, "try-restart", "containerd.service"]],
    // At boot it starts after its file is there.
    bootsAsWanted: () => true,
  },
  updog: { configurationFiles: ["updog"], restartCommands: [] },
  "bootstrap-containers": {
    configurationFiles: ["bootstrap-containers"],
    // Writes what units read; nothing is started by it but at boot, by a unit of its own.
    restartCommands: [["/usr/bin/bootstrap-containers", "create-containers"]],
    bootsAsWanted: (settings) => Object.keys(settings["bootstrap-containers"] ?? {}).length === 0,
  },
  "bootstrap-commands": { configurationFiles: ["bootstrap-commands"], restartCommands: [] },
};
