import { expect, test } from "bun:test";
import { formatKey } from "../key.ts";
import { allSettings } from "../model/describe.ts";
import { settingsPage } from "./page.ts";
import { checkPage } from "./write.ts";

test("settingsPage() has every setting, with its default and its files", () => {
  const page = settingsPage();
  for (const [key] of allSettings()) {
    const open = /^settings\.(host-containers|oci-defaults\.resource-limits)\.[^.]+\./;
    expect(page.includes(`### \`${formatKey(key).replace(open, "settings.$1.NAME.")}\`\n`)).toBe(true);
  }
  for (const part of [
    "### `settings.kernel.sysctl.NAME`",
    "### `settings.pki.NAME.data`",
    "- default: `false` for `admin`, `true` for `control`",
    "list of 256 at most: table of registry, endpoint",
    '- default: `"Welcome to Sparkler!"`',
    "- files: `/etc/chrony/chrony.conf`",
    "- secret: yes",
    "one of `none`, `integrity`, `confidentiality`",
    "whole number, 0 to 4294967295",
    "`settings.kubernetes`: `*-k8s-*`",
  ]) {
    expect(page).toContain(part);
  }
  expect(page).not.toMatch(/undefined|\[object|: value$/m);
});

test("docs/reference/settings.md is as the model says", async () => {
  await expect(checkPage()).resolves.toBeUndefined();
});
