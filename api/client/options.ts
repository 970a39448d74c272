/** The options of `apiclient`, each with one meaning wherever it stands, and which subcommand takes which. */

/** `flag`: takes no value. */
export type OptionKind = "value" | "flag";

export type Option = { readonly name: string; readonly kind: OptionKind };

const value = (name: string): Option => ({ name, kind: "value" });
const flag = (name: string): Option => ({ name, kind: "flag" });

/** As written → which option. */
export const options: Readonly<Record<string, Option>> = {
  "-s": value("socket-path"),
  "--socket-path": value("socket-path"),
  "--log-level": value("log-level"),
  "-v": flag("verbose"),
  "--verbose": flag("verbose"),
  "-u": value("uri"),
  "--uri": value("uri"),
  "-m": value("method"),
  "-X": value("method"),
  "--method": value("method"),
  "-d": value("data"),
  "--data": value("data"),
  "-j": value("json"),
  "--json": value("json"),
  "--plan": flag("plan"),
  "--confirm": value("confirm"),
  "--message": value("message"),
  "--expect": value("expect"),
  "--no-wait": flag("no-wait"),
  "--tx": value("tx"),
  "-t": flag("tty"),
  "--tty": flag("tty"),
  "-T": flag("no-tty"),
  "--no-tty": flag("no-tty"),
};

export const globalOptions: readonly string[] = ["socket-path", "log-level", "verbose"];

const changing: readonly string[] = ["plan", "confirm", "message", "expect", "no-wait"];

/** Subcommand → names of its own options. */
export const optionsOf: Readonly<Record<string, readonly string[]>> = {
  raw: ["uri", "method", "data", "message"],
  get: [],
  set: ["json", ...changing],
  apply: changing,
  unset: changing,
  restore: changing,
  plan: ["tx"],
  history: [],
  diff: [],
  confirm: [],
  explain: [],
  outcome: [],
  "host-containers": [],
  watch: [],
  exec: ["tty", "no-tty"],
  "ephemeral-storage": [],
  reboot: [],
};

/** Subcommands of the contract that this version does not have. */
export const later: readonly string[] = ["update", "report"];
