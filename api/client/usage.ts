/** What `apiclient --help` says. */
import { DEFAULT_SOCKET } from "../program.ts";

export const usageText: string = `Usage: apiclient [SUBCOMMAND] [OPTION…]

  raw       -u URI [-X METHOD] [-d DATA]   One request; the default when no subcommand is given
  get       [PREFIX… | /URI]               Show settings and system information as JSON
  set       KEY=VALUE… | -j JSON           Change settings and apply them
  unset     KEY…                           Take settings back; a default or generated value returns
  apply     [FILE | URI… | -]              Change settings from TOML or JSON: standard input, file://, http(s)://
  plan      [--tx NAME]                    Show what committing staged settings would do
  history                                  Show who changed what, when and why
  diff      GENERATION [GENERATION]        Show what is different since a generation, or between two
  restore   GENERATION                     Bring an earlier generation back
  confirm   [GENERATION]                   Let a change stay that waits for it
  explain   KEY…                           Show where values come from and what they reach
  outcome   [NUMBER]                       Show what applying did, by default the last time
  host-containers                          Show how far each host container is, and what is wrong with it
  watch                                    Show what happens, as it happens
  exec      [-t | -T] TARGET COMMAND…      Run a command in a host container, with this input and output
  ephemeral-storage init [-t xfs|ext4] [--disks DISK…]   Make one file system of the machine's ephemeral disks
  ephemeral-storage bind --dirs FOLDER…    Put folders on it
  ephemeral-storage list-disks|list-dirs [-f text|json]  Show the disks, or what can be put on them
  reboot                                   Restart the machine

Options, before or after the subcommand:
  -s, --socket-path PATH   Socket of the API (default ${DEFAULT_SOCKET})
      --log-level LEVEL    trace, debug, info, warn, or error
  -v, --verbose            Same as --log-level debug: statuses are shown
  -h, --help               Show this text
  -u, --uri URI            of raw: the path, with its query
  -m, -X, --method METHOD  of raw: default GET
  -d, --data DATA          of raw: the request's body
  -j, --json JSON          of set: settings as JSON

Of set, unset, apply and restore:
      --plan               Show what would happen, and do nothing
      --expect HASH        Do it only if it is exactly what that plan showed
      --confirm TIME       Take it back after 90, 90s, 5m, 1h unless "apiclient confirm" comes
      --message TEXT       Why, for the history
      --no-wait            Do not wait until it is applied

Of exec, before COMMAND:
  -t, --tty                Give the command a terminal; default when input and output are one
  -T, --no-tty             Give it none

Exit status: 0 done, and what was changed works; 1 failed, or does not work; 2 used wrongly; of exec that of the command,
or 128 and the number of the signal that ended it.
`;
