/** What a service and a configuration file are to the settings engine. Contracts sections 5.3 and 7.6. */
import type { Settings } from "../model/settings.ts";

export type ConfigurationFile = {
  readonly path: string;
  /** File name in the templates folder. */
  readonly template: string;
  readonly mode: number;
};

/** Something of the running system that is looked at once the commands have run. */
export type ReadBack = {
  /** What it is, for people: `the kernel's lockdown`. */
  readonly what: string;
  readonly path: string;
  /** What is wrong with what was read, in a few words. `found` is undefined where nothing is, empty for a folder. */
  readonly judge: (found: string | undefined) => string | undefined;
};

export type Service = {
  readonly configurationFiles: readonly string[];
  /** Argument lists; each is run by itself, never through a shell. */
  readonly restartCommands: readonly (readonly [string, ...string[]])[];
  /** Whether a machine is as these settings want before anything is done, so that at boot no command is run. */
  readonly bootsAsWanted?: (settings: Settings) => boolean;
  /** Why a change from one set of settings to another takes effect only with a reboot; undefined when it does at once. */
  readonly reboot?: (before: Settings, after: Settings) => string | undefined;
  /** Kernel parameters that must read back as set once the commands have run. */
  readonly sysctls?: (settings: Settings) => Readonly<Record<string, string>>;
  readonly readBacks?: (settings: Settings) => readonly ReadBack[];
  /** What failed there is tried again without being asked, so that it may be well by the time of another change. */
  readonly mendsItself?: boolean;
};
