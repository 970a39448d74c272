/**
 * The tools that shape bytes, as sets of Debian 13 packages: they come from the locked set and run from an unpacked
 * root of their own, never from the building machine.
 */
export type ToolSetName = "build" | "vm" | "test";

export const toolSets: Readonly<Record<ToolSetName, { readonly why: string; readonly packages: readonly string[] }>> = {
  build: {
    why: "compiles the C programs; makes file systems, hash tree, UKI and signatures",
    packages: [
      "gcc",
      "libc6-dev",
      "binutils",
      "gnu-efi",
      "musl-tools",
      "erofs-utils",
      "cryptsetup-bin",
      "mtools",
      "dosfstools",
      "e2fsprogs",
      "kmod",
      "cpio",
      "zstd",
      "xz-utils",
      "systemd-boot-efi",
      "osslsigncode",
      "openssl",
    ],
  },
  vm: {
    why: "runs local virtual machines: QEMU 10, the UEFI firmware, and what joins a guest to the images built here",
    packages: ["qemu-system-x86", "ovmf", "netcat-openbsd"],
  },
  test: {
    why: "other people's tools that judge our formats, the fuzzer, the container runtime that ours talks to, and what containers of tests are made of",
    packages: [
      "gdisk",
      "clang",
      "libclang-rt-19-dev",
      "containerd",
      "runc",
      "docker-registry",
      "skopeo",
      "umoci",
      "xorriso",
      "busybox-static",
    ],
  },
};
