/** All settings of an image, as types; the definitions of the members stand in the files beside this one. */
import type { BootstrapMode } from "../types/bootstrap-mode.ts";
import type { HostsEntry } from "../types/etc-hosts-entries.ts";
import type { Capability } from "../types/capability.ts";
import type { Lockdown } from "../types/lockdown.ts";
import type { RegistryCredential, RegistryMirror } from "../types/registry.ts";
import type { Limit } from "../types/resource-limit.ts";

export type Settings = {
  readonly motd?: string;
  readonly network?: NetworkSettings;
  readonly dns?: DnsSettings;
  readonly ntp?: NtpSettings;
  readonly kernel?: KernelSettings;
  readonly pki?: Readonly<Record<string, PkiSettings>>;
  readonly updates?: UpdatesSettings;
  readonly "bootstrap-containers"?: Readonly<Record<string, BootstrapContainerSettings>>;
  readonly "bootstrap-commands"?: Readonly<Record<string, BootstrapCommandsSettings>>;
  readonly "host-containers"?: Readonly<Record<string, HostContainerSettings>>;
  readonly "container-registry"?: ContainerRegistrySettings;
  readonly "oci-defaults"?: OciDefaultsSettings;
};

export type NetworkSettings = {
  readonly hostname?: string;
  /** Address and the names that it gets; a type of list, since an address cannot be part of a key. */
  readonly hosts?: readonly HostsEntry[];
  readonly "https-proxy"?: string;
  readonly "no-proxy"?: readonly string[];
};

export type DnsSettings = {
  readonly "name-servers"?: readonly string[];
  readonly "search-list"?: readonly string[];
};

export type NtpSettings = { readonly "time-servers"?: readonly string[]; readonly options?: readonly string[] };

export type KernelSettings = {
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly modules?: Readonly<Record<string, ModuleSettings>>;
  readonly lockdown?: Lockdown;
};

export type ModuleSettings = { readonly allowed?: boolean; readonly autoload?: boolean };

/** A bundle of certificates; `data` is PEM in base64. */
export type PkiSettings = { readonly data?: string; readonly trusted?: boolean };

export type UpdatesSettings = {
  readonly "metadata-base-url"?: string;
  readonly "targets-base-url"?: string;
  readonly seed?: number;
  readonly "version-lock"?: string;
  readonly "ignore-waves"?: boolean;
};

export type BootstrapContainerSettings = {
  readonly source?: string;
  readonly mode?: BootstrapMode;
  /** Base64. */
  readonly "user-data"?: string;
  readonly essential?: boolean;
};

export type BootstrapCommandsSettings = {
  readonly commands?: readonly (readonly string[])[];
  readonly mode?: BootstrapMode;
  readonly essential?: boolean;
};
/** `user-data` is whatever the container understands, in base64. */
export type HostContainerSettings = {
  readonly source?: string;
  readonly enabled?: boolean;
  readonly superpowered?: boolean;
  readonly "user-data"?: string;
};

export type ContainerRegistrySettings = {
  readonly mirrors?: readonly RegistryMirror[];
  readonly credentials?: readonly RegistryCredential[];
};

export type OciDefaultsSettings = {
  readonly capabilities?: Readonly<Partial<Record<Capability, boolean>>>;
  readonly "resource-limits"?: Readonly<Record<string, ResourceLimitSettings>>;
};

export type ResourceLimitSettings = { readonly "hard-limit"?: Limit; readonly "soft-limit"?: Limit };
