/** What has to be set so that a machine's admin container runs and knows a key. Pure. */
import { z } from "zod";

/** What the settings say of the admin container. */
export type AdminSettings = { readonly enabled: boolean; readonly userData: string | undefined };

export type Access = {
  /** Settings to change, to be given to `set --json`; undefined: none. */
  readonly change: object | undefined;
  /** What is done and why, a sentence each. */
  readonly says: readonly string[];
  /** Whether the container will know the key. */
  readonly knowsKey: boolean;
};

const userDataSchema = z.looseObject({ ssh: z.looseObject({ "authorized-keys": z.array(z.string()) }) });
const settingsSchema = z.object({
  "host-containers": z
    .object({
      admin: z.object({ enabled: z.boolean().optional(), "user-data": z.string().optional() }).optional(),
    })
    .optional(),
});

/** Reads the answer of `/settings`. */
export function readAdmin(settings: unknown): AdminSettings {
  const read = settingsSchema.safeParse(settings);
  const admin = read.success ? read.data["host-containers"]?.admin : undefined;
  return { enabled: admin?.enabled === true, userData: admin?.["user-data"] };
}

/** User data that somebody has set is left alone, whatever is in it. */
export function planAccess({ enabled, userData }: AdminSettings, publicKey: string): Access {
  const changes: Record<string, unknown> = {};
  const says: string[] = [];
  let knowsKey = true;
  if (userData === undefined || userData === "") {
    changes["user-data"] = encode({ ssh: { "authorized-keys": [publicKey] } });
    says.push("its user data gets the key that this machine has in its folder");
  } else if (!keysOf(userData).some((key) => sameKey(key, publicKey))) {
    knowsKey = false;
    says.push("its user data has been set and does not know this machine's key: your own keys are tried");
  }
  if (!enabled) {
    changes["enabled"] = true;
    says.unshift("it is turned on");
  }
  const change = Object.keys(changes).length === 0 ? undefined : { "host-containers": { admin: changes } };
  return { change, says, knowsKey };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64");
}

function keysOf(userData: string): readonly string[] {
  try {
    const read = userDataSchema.safeParse(JSON.parse(Buffer.from(userData, "base64").toString("utf8")));
    return read.success ? read.data.ssh["authorized-keys"] : [];
  } catch {
    return []; // it is none of ours
  }
}

/** Type and key; what follows is a comment. */
function sameKey(a: string, b: string): boolean {
  const plain = (text: string): string => text.trim().split(/\s+/).slice(0, 2).join(" ");
  return plain(a) === plain(b);
}
