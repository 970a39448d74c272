/**
 * The doors through which values enter files: one per file format, each refusing or encoding what would end the value
 * early. Templates have no other way to print a setting (`check-template.ts` sees to it).
 */
import { LOCKDOWN_LEVELS } from "../types/lockdown.ts";
import { sysctlKey } from "../types/sysctl-key.ts";
import { parseTimeServer } from "../types/time-server.ts";
import { validLinuxHostname } from "../types/valid-linux-hostname.ts";
import { containerHelpers } from "./container-helpers.ts";
import { listHelpers } from "./list-helpers.ts";
import { refuse, string } from "./refusal.ts";
import { tomlOf } from "./toml.ts";

// C0 and C1 controls and the two separators that Unicode adds to them; lines and tabs are looked at by each helper
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const controlButLineAndTab = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export const helpers: Readonly<Record<string, (value: unknown) => string>> = {
  /** Free text of many lines; other control characters become visible. */
  text(value) {
    return string(value, "text").replace(controlButLineAndTab, visible);
  },
  hostname(value) {
    const name = string(value, "a host name");
    return validLinuxHostname.safeParse(name).success ? name : refuse(name, "a host name");
  },
  "sysctl-key"(value) {
    const key = string(value, "a kernel parameter");
    return sysctlKey.safeParse(key).success ? key : refuse(key, "a kernel parameter");
  },
  /** To the end of the line; sysctl.d(5) has no quotes, comments or escapes there. A tab is a blank to the kernel. */
  "sysctl-value"(value) {
    const text = string(value, "a kernel parameter's value");
    const line = text.replaceAll("\t", " ");
    return control.test(line) ? refuse(text, "a value of one line") : line;
  },
  "chrony-server"(value) {
    const text = string(value, "a time server");
    const server = parseTimeServer(text);
    if (server === undefined) return refuse(text, "a time server");
    return server.port === undefined ? server.host : `${server.host} port ${server.port}`;
  },
  /** Each option with a space in front. */
  "chrony-options"(value) {
    if (value === null) return "";
    if (!Array.isArray(value)) return refuse(value, "a list of options");
    return value
      .map((option) => {
        const text = string(option, "an option");
        return /^[A-Za-z0-9][A-Za-z0-9 ._:-]*$/.test(text) ? ` ${text}` : refuse(text, "an option of chrony");
      })
      .join("");
  },
  /** A value of an environment file as systemd.exec(5) reads it, quoted where it is not plain. */
  "environment-value"(value) {
    const text = string(value, "a value of one line");
    if (control.test(text)) return refuse(text, "a value of one line");
    return /^[A-Za-z0-9._~:/?@+,=%[\]-]*$/.test(text) ? text : `"${text.replace(/["\\`$]/g, "\\$&")}"`;
  },
  lockdown(value) {
    const level = LOCKDOWN_LEVELS.find((each) => each === value);
    return level ?? refuse(value, "a level of lockdown");
  },
  toml: (value) => tomlOf(value),
  ...listHelpers,
  ...containerHelpers,
};

function visible(char: string): string {
  return `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
}
