/** Registries that images come from. */
import { registryCredentials, registryMirrors } from "../types/registry.ts";
import type { Group } from "./definition.ts";
import type { ContainerRegistrySettings } from "./settings.ts";

export const containerRegistry: Group<ContainerRegistrySettings> = {
  kind: "group",
  description: "Registries that images come from",
  since: "0.1.0",
  services: ["registries", "containerd"],
  aliases: { creds: "credentials" },
  members: {
    mirrors: {
      kind: "setting",
      description:
        "Where else to ask for a registry's images, in order and before the registry itself; * is any registry",
      since: "0.1.0",
      schema: registryMirrors,
      example: [{ registry: "docker.io", endpoint: ["https://mirror.example"] }],
    },
    credentials: {
      kind: "setting",
      description: "What to show to a registry: user name and password, both as auth in base64, or an identity token",
      since: "0.1.0",
      secret: true,
      schema: registryCredentials,
      example: [{ registry: "registry.example", username: "reader", password: "secret" }],
    },
  },
};
