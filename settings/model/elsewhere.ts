/**
 * Names that settings have on variants other than those of this version, or that other systems of this kind have: so
 * that user data written for one of them is refused with a hint. Nothing here can be set. Contracts section 14.6.
 */

/** Full name without the outer `settings` → patterns of the variants that have it. */
export const elsewhere: Readonly<Record<string, readonly string[]>> = {
  kubernetes: ["*-k8s-*"],
  "container-runtime": ["*-k8s-*"],
  "kubelet-device-plugins": ["*-k8s-*-nvidia"],
  "nvidia-container-runtime": ["*-k8s-*-nvidia"],
  ecs: ["*-ecs-*"],
  aws: ["aws-*"],
  cloudformation: ["aws-*"],
  autoscaling: ["aws-*"],
};

/** Whether a variant's name fits one of the patterns, in which `*` stands for any characters. */
export function isVariantOf(variant: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(variant);
  });
}
