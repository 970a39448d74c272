import { expect, test } from "bun:test";
import { mirrorFromSources, mirrorFromUrl } from "./mirror.ts";

const deb822 = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;

test("mirrorFromSources() reads the deb822 form", () => {
  const want = { main: "http://mirror.example/debian", security: "http://mirror.example/debian-security" };
  expect(mirrorFromSources([deb822])).toEqual({ ok: true, value: want });
});

test("mirrorFromSources() reads one-line sources with options and passes over other archives", () => {
  const text = "deb http://other.example/tool stable main\ndeb [arch=amd64] http://m.example/debian/ trixie main\n";
  const want = { main: "http://m.example/debian", security: "http://m.example/debian-security" };
  expect(mirrorFromSources([text])).toEqual({ ok: true, value: want });
});

test("mirrorFromSources() skips commented and disabled entries and says when nothing is left", () => {
  const text = "# deb http://m.example/debian trixie main\n";
  const found = mirrorFromSources([text, deb822.replaceAll("Types:", "Enabled: no\nTypes:")]);
  expect(found.ok).toBe(false);
});

test("mirrorFromUrl() expects the security archive beside the main one", () => {
  expect(mirrorFromUrl("http://m.example/debian/").security).toBe("http://m.example/debian-security");
});
