import { expect, test } from "bun:test";
import { inetOf, listensOf } from "./listen.ts";

test("listensOf() reads every Listen line, and an empty value takes back", () => {
  const unit =
    "[Socket]\nListenStream=1\n ListenStream = /run/x \nListenNetlink=route 1\nListenStream=\nListenStream=2\n#ListenStream=3\n";
  expect(listensOf(unit)).toEqual([
    { setting: "ListenNetlink", address: "route 1" },
    { setting: "ListenStream", address: "2" },
  ]);
});

test.each<readonly [setting: string, address: string, shown: string | undefined]>([
  ["ListenStream", "22", "tcp * 22"],
  ["ListenDatagram", "0.0.0.0:53", "udp 0.0.0.0 53"],
  ["ListenStream", "[fe80::1]:80%eth0", "tcp fe80::1 80"],
  ["ListenStream", "/run/api.sock", undefined],
  ["ListenStream", "@abstract", undefined],
  ["ListenStream", "vsock:2:1234", undefined],
  ["ListenNetlink", "22", undefined],
])("inetOf() reads %s=%s", (setting, address, shown) => {
  const inet = inetOf({ setting, address });
  expect(inet === undefined ? undefined : `${inet.protocol} ${inet.address} ${inet.port}`).toBe(shown);
});
