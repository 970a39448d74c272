/** What a command line may ask for, as values. */
import type { ExecRequest } from "./exec.ts";

/** How a change is to be made. */
export type ChangeOptions = {
  /** Only tell what it would do. */
  readonly planOnly: boolean;
  /** Seconds after which it is taken back unless it is confirmed. */
  readonly confirm: number | undefined;
  /** Why. */
  readonly message: string | undefined;
  /** The hash of the plan that was reviewed. */
  readonly expect: string | undefined;
  /** Whether to wait until it is applied, and fail when it does not work. */
  readonly wait: boolean;
};

export type Change =
  | { readonly kind: "set-pairs"; readonly pairs: readonly string[] }
  | { readonly kind: "set-json"; readonly json: string }
  | { readonly kind: "apply"; readonly sources: readonly string[] }
  | { readonly kind: "unset"; readonly keys: readonly string[] }
  | { readonly kind: "restore"; readonly generation: number };

export type Request =
  | { readonly kind: "raw"; readonly uri: string; readonly method: string; readonly data: string | undefined }
  | { readonly kind: "get-uri"; readonly uri: string }
  | { readonly kind: "get"; readonly prefixes: readonly string[] }
  | { readonly kind: "change"; readonly change: Change; readonly options: ChangeOptions }
  | { readonly kind: "plan"; readonly tx: string }
  | { readonly kind: "history" }
  | { readonly kind: "diff"; readonly from: number; readonly to: number | undefined }
  | { readonly kind: "confirm"; readonly generation: number | undefined }
  | { readonly kind: "explain"; readonly keys: readonly string[] }
  | { readonly kind: "outcome"; readonly number: number | undefined }
  | { readonly kind: "host-containers" }
  | { readonly kind: "watch" }
  | { readonly kind: "exec"; readonly exec: ExecRequest }
  | { readonly kind: "ephemeral"; readonly request: EphemeralRequest }
  | { readonly kind: "reboot" };

export type EphemeralRequest =
  | {
      readonly kind: "init";
      readonly fileSystem: "xfs" | "ext4" | undefined;
      readonly disks: readonly string[] | undefined;
    }
  | { readonly kind: "bind"; readonly dirs: readonly string[] }
  | { readonly kind: "list"; readonly what: "list-disks" | "list-dirs"; readonly format: "text" | "json" };

export type Wanted = { readonly socketPath: string | undefined; readonly verbose: boolean; readonly request: Request };
