import { expect, test } from "bun:test";
import { installLinks, wantLinks } from "./units.ts";

test("installLinks() reads WantedBy and RequiredBy of [Install] only", () => {
  const text = "[Unit]\nWantedBy=no.target\n[Install]\nWantedBy=b.target a.target\nRequiredBy=c.service\n";
  expect(installLinks("x.service", text)).toEqual([
    { path: "usr/lib/systemd/system/a.target.wants/x.service", target: "../x.service" },
    { path: "usr/lib/systemd/system/b.target.wants/x.service", target: "../x.service" },
    { path: "usr/lib/systemd/system/c.service.requires/x.service", target: "../x.service" },
  ]);
});

test("wantLinks() makes one link for each unit of each target", () => {
  expect(wantLinks({ "sysinit.target": ["a.service"] })).toEqual([
    { path: "usr/lib/systemd/system/sysinit.target.wants/a.service", target: "../a.service" },
  ]);
});
