/** The words of `sparkler`, in the order in which help shows them. */
import type { OperatorCommand } from "./operator-command.ts";

/** A word that does something. */
export type Leaf = {
  readonly kind: "command";
  readonly summary: string;
  /** Not shown in help. */
  readonly hidden?: boolean;
  readonly load: () => Promise<OperatorCommand>;
};

/** A word that sorts its own arguments, because they are another program's. */
export type Passage = {
  readonly kind: "passage";
  readonly summary: string;
  readonly load: () => Promise<(argv: readonly string[]) => Promise<number>>;
};

/** A word that is followed by another. */
export type Group = {
  readonly kind: "group";
  readonly name: string;
  readonly summary: string;
  readonly words: Readonly<Record<string, Word>>;
};

export type Word = Leaf | Passage | Group;

export const root: Group = {
  kind: "group",
  name: "sparkler",
  summary: "Build images of Sparkler, run them in local virtual machines, and talk to them.",
  words: {
    up: {
      kind: "command",
      summary: "Build the image where needed, start a machine, wait until its API answers",
      load: async () => (await import("./up.ts")).command,
    },
    down: {
      kind: "command",
      summary: "Shut a machine down; its disk stays",
      load: async () => (await import("./down.ts")).command,
    },
    status: {
      kind: "command",
      summary: "Show the machines and how they are",
      load: async () => (await import("./status.ts")).command,
    },
    console: {
      kind: "command",
      summary: "Watch a machine's console",
      load: async () => (await import("./console.ts")).command,
    },
    logs: {
      kind: "command",
      summary: "Print what a machine has written on its console",
      load: async () => (await import("./logs.ts")).command,
    },
    api: {
      kind: "passage",
      summary: "Ask a machine's API: get, set, apply, reboot, or -u URI",
      load: async () => (await import("./api.ts")).main,
    },
    shell: {
      kind: "command",
      summary: "Open a shell in a machine's control container, or run one command there",
      load: async () => (await import("./shell.ts")).command,
    },
    ssh: {
      kind: "command",
      summary: "Log in to a machine's admin container, which is turned on for it",
      load: async () => (await import("./ssh.ts")).command,
    },
    image: {
      kind: "group",
      name: "sparkler image",
      summary: "Make images and look into them.",
      words: {
        build: {
          kind: "command",
          summary: "Build the image of a variant",
          load: async () => (await import("./image-build.ts")).build,
        },
        containers: {
          kind: "command",
          summary: "Build the container images: control, admin",
          load: async () => (await import("./image-containers.ts")).command,
        },
        report: {
          kind: "command",
          summary: "Say what is in an image, or how two images differ",
          load: async () => (await import("./image-look.ts")).report,
        },
        verify: {
          kind: "command",
          summary: "Check a built image: table, signatures, hashes",
          load: async () => (await import("./image-look.ts")).verify,
        },
        lock: {
          kind: "command",
          summary: "Resolve the Debian packages anew and write the lock",
          load: async () => (await import("./image-build.ts")).lock,
        },
      },
    },
    settings: {
      kind: "group",
      name: "sparkler settings",
      summary: "Check settings before a machine sees them, and describe what can be set.",
      words: {
        check: {
          kind: "command",
          summary: "Check settings or user data: every problem with its line and column",
          load: async () => (await import("./settings-check.ts")).command,
        },
        schema: {
          kind: "command",
          summary: "Print the JSON Schema of user data, for editors",
          load: async () => (await import("./settings-schema.ts")).command,
        },
      },
    },
    completion: {
      kind: "command",
      summary: "Print completions for a shell: bash, zsh or fish",
      load: async () => (await import("./completion.ts")).command,
    },
    monitor: {
      kind: "command",
      summary: "Own one running machine; started by up",
      hidden: true,
      load: async () => (await import("./monitor.ts")).command,
    },
  },
};
