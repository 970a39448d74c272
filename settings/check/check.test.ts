import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { checkSettings } from "./check.ts";

async function places(text: string, variant?: string): Promise<readonly string[]> {
  const problems = await checkSettings(Buffer.from(text), { variant });
  return problems.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`);
}

const FIVE = `# five mistakes
[settings]
motdd = "hello"

[settings.ntp]
time-servers = ["10.0.0.1", "a b"]

[settings.kernel.sysctl]
"vm.swappiness" = 10
"a..b" = "1"

[settings.kubernetes]
cluster-name = "x"
`;

test("checkSettings() names five mistakes at five places in TOML", async () => {
  expect(await places(FIVE)).toEqual([
    '3:1 settings.motdd is not a setting; did you mean "motd"?',
    expect.stringMatching(/^6:29 settings\.ntp\.time-servers\[1\] must be a URL/),
    '9:1 settings.kernel.sysctl."vm.swappiness" must be a string, got 10',
    '10:1 settings.kernel.sysctl."a..b" the name must not have two of . and / in a row',
    "12:11 settings.kubernetes is not a setting of this variant; it is one of *-k8s-*",
  ]);
});

test("checkSettings() names mistakes in JSON, a member that is given twice among them", async () => {
  const text = `{
  "settings": {
    "motd": 5,
    "dns": { "name-servers": ["10.0.0.1", "x"] },
    "ntp": { "options": [] }, "ntp": {}
  },
  "extra": 1
}`;
  expect(await places(text)).toEqual([
    "3:5 settings.motd must be a string, got 5",
    '4:43 settings.dns.name-servers[1] must be an IPv4 or IPv6 address, got "x"',
    "5:31 settings.ntp is given twice",
    "7:3 extra is not known; settings stand in the table [settings]",
  ]);
});

test.each([
  ["[settings]\nmotd = \n", /^2:\d+ document is not TOML/],
  ["[settings]\nmotd = 'a'\nmotd = 'b'\n", /^3:\d+ document is not TOML/],
  ['{"settings": {"motd": "a",}}', /^1:\d+ document is not JSON/],
  ["[other]\n", /^1:1 settings is missing/],
  ["[settings]\nmotd = 2020-01-01\n", /^2:1 settings\.motd must not be a date/],
  ["settings.ntp.options = [['a', 1979-05-27]]", /^1:31 settings\.ntp\.options\[0\]\[1\] must not be a date/],
  ["[settings.network]\nhosts = [['10.0.0.1', ['a']], ['x', ['A b']]]\n", /^2:\d+ settings\.network\.hosts\[1\]/],
])("checkSettings() on %j", async (text, wanted) => {
  expect((await places(text)).filter((place) => wanted.test(place))).not.toEqual([]);
});

test("checkSettings() takes what a machine takes: empty, packed, with a byte order mark", async () => {
  const good = "[settings]\nmotd = 'hi'\n";
  for (const bytes of [Buffer.from(""), Buffer.from(good), gzipSync(good), Buffer.from(`\uFEFF{"settings":{}}`)]) {
    expect(await checkSettings(bytes)).toEqual([]);
  }
  expect(await checkSettings(Buffer.from([0xff, 0xfe]))).toMatchObject([{ line: 1, path: "document" }]);
});
