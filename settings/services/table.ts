/**
 * The services that settings reach, and their files. Commands are tried only on running units (`try-restart`), so
 * that a change before a unit is due does not start it early. Contracts section 14.3.
 */
import type { ConfigurationFile, Service } from "./definition.ts";

const SYSTEMD_SYSCTL = "/usr/lib/systemd/systemd-sysctl";

export const configurationFiles: Readonly<Record<string, ConfigurationFile>> = {
  motd: { path: "/etc/motd", template: "motd.hbs", mode: 0o644 },
  "chrony-conf": { path: "/etc/chrony/chrony.conf", template: "chrony.conf.hbs", mode: 0o644 },
  hostname: { path: "/etc/hostname", template: "hostname.hbs", mode: 0o644 },
  hosts: { path: "/etc/hosts", template: "hosts.hbs", mode: 0o644 },
  "hostname-sysctl": { path: "/etc/sysctl.d/10-hostname.conf", template: "hostname.conf.hbs", mode: 0o644 },
  sysctl: { path: "/etc/sysctl.d/90-settings.conf", template: "sysctl.conf.hbs", mode: 0o644 },
};

export const services: Readonly<Record<string, Service>> = {
  motd: { configurationFiles: ["motd"], restartCommands: [] },
  hostname: {
    configurationFiles: ["hostname", "hosts", "hostname-sysctl"],
    restartCommands: [[SYSTEMD_SYSCTL, "--prefix=kernel.hostname"]],
    sysctls: ({ network }) => (network?.hostname === undefined ? {} : { "kernel.hostname": network.hostname }),
  },
  // chrony cannot read its configuration again without a restart
  ntp: { configurationFiles: ["chrony-conf"], restartCommands: [["/usr/bin/systemctl", "try-restart", "chronyd.service"]] },
  sysctl: {
    configurationFiles: ["sysctl"],
    restartCommands: [[SYSTEMD_SYSCTL]],
    sysctls: ({ kernel }) => kernel?.sysctl ?? {},
  },
};
