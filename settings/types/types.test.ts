import { describe, expect, test } from "bun:test";
import type * as z from "zod";
import { singleLineString } from "./single-line-string.ts";
import { sysctlKey } from "./sysctl-key.ts";
import { parseTimeServer, timeServer } from "./time-server.ts";
import { url } from "./url.ts";
import { validLinuxHostname } from "./valid-linux-hostname.ts";

type Table = { readonly schema: z.ZodType; readonly takes: readonly unknown[]; readonly refuses: readonly unknown[] };

const tables: Readonly<Record<string, Table>> = {
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
