/**
 * The services that settings reach, and their files. Commands are tried only on running units (`try-…`), so
 * that a change before a unit is due does not start it early. Contracts section 14.3.
 */
import type { ConfigurationFile, Service } from "./definition.ts";

export const SYSTEMCTL = "/usr/bin/systemctl";
const SYSTEMD_SYSCTL = "/usr/lib/systemd/systemd-sysctl";

export const configurationFiles: Readonly<Record<string, ConfigurationFile>> = {
  motd: { path: "/etc/motd", template: "motd.template", mode: 0o644 },
  "chrony-conf": { path: "/etc/chrony/chrony.conf", template: "chrony.conf.template", mode: 0o644 },
  hostname: { path: "/etc/hostname", template: "hostname.template", mode: 0o644 },
  hosts: { path: "/etc/hosts", template: "hosts.template", mode: 0o644 },
  "hostname-sysctl": { path: "/etc/sysctl.d/10-hostname.conf", template: "hostname.conf.template", mode: 0o644 },
  sysctl: { path: "/etc/sysctl.d/90-settings.conf", template: "sysctl.conf.template", mode: 0o644 },
};

export const services: Readonly<Record<string, Service>> = {
  motd: { configurationFiles: ["motd"], restartCommands: [] },
  hostname: {
    configurationFiles: ["hostname", "hosts", "hostname-sysctl"],
    restartCommands: [[SYSTEMD_SYSCTL, "/etc/sysctl.d/10-hostname.conf"]],
    sysctls: ({ network }) => (network?.hostname === undefined ? {} : { "kernel.hostname": network.hostname }),
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
};
