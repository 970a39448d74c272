/** All settings of an image, as types; the definitions of the members stand in the files beside this one. */

export type Settings = {
  readonly motd?: string;
  readonly network?: NetworkSettings;
  readonly ntp?: NtpSettings;
  readonly kernel?: KernelSettings;
};

export type NetworkSettings = { readonly hostname?: string };
export type NtpSettings = { readonly "time-servers"?: readonly string[]; readonly options?: readonly string[] };
export type KernelSettings = { readonly sysctl?: Readonly<Record<string, string>> };
