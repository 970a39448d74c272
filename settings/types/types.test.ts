import { describe, expect, test } from "bun:test";
import type * as z from "zod";
import { apiCommand } from "./api-command.ts";
import { bootstrapMode } from "./bootstrap-mode.ts";
import { containerSource } from "./container-source.ts";
import { dnsDomain } from "./dns-domain.ts";
import { etcHostsEntries } from "./etc-hosts-entries.ts";
import { friendlyVersion } from "./friendly-version.ts";
import { identifier } from "./identifier.ts";
import { ipAddress } from "./ip-address.ts";
import { kmodKey } from "./kmod-key.ts";
import { lockdown } from "./lockdown.ts";
import { noProxyEntry } from "./no-proxy-entry.ts";
import { pemCertificates } from "./pem-certificates.ts";
import { singleLineString } from "./single-line-string.ts";
import { sysctlKey } from "./sysctl-key.ts";
import { base64, CERTIFICATE } from "./testing.ts";
import { parseTimeServer, timeServer } from "./time-server.ts";
import { url } from "./url.ts";
import { userData } from "./user-data.ts";
import { validBase64 } from "./valid-base64.ts";
import { validLinuxHostname } from "./valid-linux-hostname.ts";

type Table = { readonly schema: z.ZodType; readonly takes: readonly unknown[]; readonly refuses: readonly unknown[] };

const tables: Readonly<Record<string, Table>> = {
  apiCommand: {
    schema: apiCommand,
    takes: [["apiclient"], ["apiclient", "set", "motd=a b\nc"], ["apiclient", ""]],
    refuses: [
      [],
      ["sh", "-c", "id"],
      ["/usr/bin/apiclient"],
      "apiclient",
      ["apiclient", 1],
      ["apiclient", "a\0"],
      ["apiclient", "\ud800"],
    ],
  },
  bootstrapMode: {
    schema: bootstrapMode,
    takes: ["off", "once", "always"],
    refuses: ["", "Off", "never", true, null],
  },
  containerSource: {
    schema: containerSource,
    takes: [
      "alpine",
      "registry.example/a/b:tag",
      "host.internal/control:latest",
      "10.0.2.2:5000/boot:1",
      "[fd00::1]:5000/a",
      `a/b@sha256:${"0".repeat(64)}`,
      `328549459982.dkr.ecr.us-west-2.amazonaws.com/bottlerocket-control:v0.7.1`,
    ],
    refuses: ["", "a b", "A/B", "https://registry.example/a", "a/b:", "a@sha256:1", "a\n", "../a", "a//b", 1],
  },
  userData: { schema: userData, takes: ["", "YQ=="], refuses: ["YQ", "a".repeat(600_000), 1] },
  singleLineString: {
    schema: singleLineString,
    takes: ["", "a", "ü ✓", "tab\tand nul\0"],
    refuses: ["a\nb", "a\rb", "\u000b", "\u000c", "\u0085", "\u2028", "\u2029", 1, null, ["a"]],
  },
  url: {
    schema: url,
    takes: ["https://example.com/a", "example.com", "169.254.169.123", "registry.example/a/b:tag", "fd00::123"],
    refuses: ["", "a b c", "[::", 5],
  },
  validLinuxHostname: {
    schema: validLinuxHostname,
    takes: ["a", "localhost", "a.b.c", "0", "a-", "node-1.example", "a".repeat(63)],
    refuses: ["", "-a", ".a", "a..b", "a.", "a.-b", "A", "a_b", "a b", "a\n", "a".repeat(64), `${"ab.".repeat(84)}abc`],
  },
  sysctlKey: {
    schema: sysctlKey,
    takes: ["vm.swappiness", "net/ipv4/ip_forward", "net.ipv4.conf.eth0/1.forwarding", "a".repeat(128), "__proto__"],
    refuses: ["", ".a", "/a", "-a", "a..b", "a.//.b", "a/./b", "a b", "a=b", "a\n", "a*", "a".repeat(129)],
  },
  dnsDomain: {
    schema: dnsDomain,
    takes: ["example.org", "a", "_srv.example", "example.org."],
    refuses: ["", ".example", "a..b", "10.0.0.1", "::1", "a b", "a".repeat(64), 1],
  },
  etcHostsEntries: {
    schema: etcHostsEntries,
    takes: [
      [],
      [["10.0.0.1", ["a", "b.c"]]],
      [
        ["::1", []],
        ["::1", ["a"]],
      ],
    ],
    refuses: [[["10.0.0.1"]], [["x", ["a"]]], [["10.0.0.1", ["a b"]]], [["10.0.0.1", "a"]], {}, [[]], "a"],
  },
  friendlyVersion: {
    schema: friendlyVersion,
    takes: ["latest", "1.2.3", "v1.2.3", "1.2.3-alpha.1+b", "0.0.0"],
    refuses: ["", "1", "1.2", "v", "01.2.3", "1.2.3-", "Latest", "1.2.3 ", 1, null],
  },
  identifier: {
    schema: identifier,
    takes: ["a", "A-9", "-", "a".repeat(76)],
    refuses: ["", "a.b", "a_b", "a b", "a/b", "a\n", "a".repeat(77), "é"],
  },
  ipAddress: {
    schema: ipAddress,
    takes: ["0.0.0.0", "255.255.255.255", "::", "fd00::1", "::ffff:1.2.3.4"],
    refuses: ["", "256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4/8", "fe80::1%eth0", "[::1]", ":::", "g::", "localhost"],
  },
  kmodKey: {
    schema: kmodKey,
    takes: ["overlay", "br_netfilter", "a-b", "a".repeat(56)],
    refuses: ["", "a b", "a.ko", "../x", "a\n", "a".repeat(57)],
  },
  lockdown: {
    schema: lockdown,
    takes: ["none", "integrity", "confidentiality"],
    refuses: ["", "None", "all", 0, null],
  },
  noProxyEntry: {
    schema: noProxyEntry,
    takes: ["localhost", ".example.org", "*", "10.0.0.0/8", "[::1]:80", "host:8080"],
    refuses: ["", "a b", "a,b", 'a"', "a\n", "$HOME", "`x`"],
  },
  pemCertificates: {
    schema: pemCertificates,
    takes: ["", base64("\n"), base64(CERTIFICATE), base64(`# two\n${CERTIFICATE}${CERTIFICATE}`)],
    refuses: [
      CERTIFICATE,
      base64("x"),
      base64(CERTIFICATE.slice(0, 200)),
      base64(CERTIFICATE.replaceAll("CERTIFICATE", "PRIVATE KEY")),
      base64(CERTIFICATE.replace("M", "A")),
      "a".repeat(600_000),
      1,
    ],
  },
  validBase64: {
    schema: validBase64,
    takes: ["", "YQ==", "YWI=", "YWJj"],
    refuses: ["YQ", "Y", "YQ=", "YQ==\n", "Y Q=", "-_==", "===="],
  },
  timeServer: {
    schema: timeServer,
    takes: ["169.254.169.123", "time.example.org", "time.example.org:1123", "ntp://time.example.org", "fd00::123"],
    refuses: ["", "a/b", "http://u@h", "h?x", "h#x", "a b", "a\nserver b", "h\\x", "exa%6dple\n"],
  },
};

for (const [name, table] of Object.entries(tables)) {
  describe(name, () => {
    test.each(table.takes.map((value) => [value]))(`${name} takes %j`, (value) => {
      expect(table.schema.safeParse(value)).toEqual({ success: true, data: value });
    });
    test.each(table.refuses.map((value) => [value]))(`${name} refuses %j`, (value) => {
      expect(table.schema.safeParse(value).success).toBe(false);
    });
  });
}

test("parseTimeServer() splits host and port", () => {
  expect(parseTimeServer("time.example.org:1123")).toEqual({ host: "time.example.org", port: 1123 });
  expect(parseTimeServer("https://[fd00::1]:9/")).toEqual({ host: "fd00::1", port: 9 });
});
