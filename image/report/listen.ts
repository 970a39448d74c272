/**
 * What a socket unit listens on (systemd.socket(5)). Only `Listen…=` lines matter here; an inet address is one that the
 * network can reach: `PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`, possibly with a device name after `%`.
 */
export type Protocol = "tcp" | "udp";

export type Listen = {
  /** The setting, e.g. `ListenStream`. */
  readonly setting: string;
  readonly address: string;
};

export type InetAddress = { readonly protocol: Protocol; readonly address: string; readonly port: number };

/** Every address that the unit's text lists. An empty value takes back those before it of the same setting. */
export function listensOf(unit: string): readonly Listen[] {
  let found: readonly Listen[] = [];
  for (const line of unit.split("\n")) {
    const [, setting, value] = /^\s*(Listen[A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (setting === undefined || value === undefined) continue;
    if (value === "") found = found.filter((each) => each.setting !== setting);
    else found = [...found, { setting, address: value }];
  }
  return found;
}

/** The inet address of a listen line; undefined for paths, abstract sockets, netlink, vsock and the like. */
export function inetOf({ setting, address }: Listen): InetAddress | undefined {
  if (setting !== "ListenStream" && setting !== "ListenDatagram") return undefined;
  const protocol: Protocol = setting === "ListenStream" ? "tcp" : "udp";
  if (/^[0-9]+$/.test(address)) return { protocol, address: "*", port: Number(address) };
  const [, six, four, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]+)(?:%.*)?$/.exec(address) ?? [];
  return port === undefined ? undefined : { protocol, address: six ?? four ?? "*", port: Number(port) };
}
