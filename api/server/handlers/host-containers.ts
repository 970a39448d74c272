/** `/host-containers`, our own: how far each is that settings know or that still runs, as its runner says. */
import { BOOTSTRAP_PREFIX, type Phase, PHASES, type Status } from "../../../containers/host/status.ts";
import type { Engine } from "../../../settings/engine.ts";
import { isTree } from "../../../settings/tree.ts";
import { type Handler, json } from "../answer.ts";

export type ShownPhase = "off" | "waiting" | Phase;

/** In addition to what runners say: `off` as settings want it, and `waiting` where a runner has not begun. */
export const SHOWN_PHASES: readonly ShownPhase[] = ["off", "waiting", ...PHASES];

export type HostContainerState = {
  readonly name: string;
  /** Missing where settings have none. */
  readonly source?: string;
  readonly enabled: boolean;
  readonly superpowered: boolean;
  readonly phase: ShownPhase;
  /** What went wrong last, for `failing`. */
  readonly why?: string;
};

/** In the order of their names. */
export const listHostContainers: Handler = async (_call, { engine, hostContainerStatuses }) => {
  const settings = settingsOf(engine);
  const statuses = await hostContainerStatuses();
  const running = [...statuses.keys()].filter((id) => !id.startsWith(BOOTSTRAP_PREFIX));
  const names = [...new Set([...Object.keys(settings), ...running])].toSorted();
  return json(names.map((name) => stateOf(name, settings[name] ?? {}, statuses.get(name))));
};

type Members = Readonly<Record<string, unknown>>;

function settingsOf(engine: Engine): Readonly<Record<string, Members>> {
  const all = engine.settings({ prefix: "settings.host-containers." })["host-containers"];
  const found = isTree(all) ? Object.entries(all) : [];
  return Object.fromEntries(found.flatMap(([name, each]) => (isTree(each) ? [[name, each]] : [])));
}

function stateOf(
  name: string,
  { source, enabled, superpowered }: Members,
  status: Status | undefined,
): HostContainerState {
  const why = status?.phase === "failing" ? status.why : undefined;
  return {
    name,
    ...(typeof source === "string" ? { source } : {}),
    enabled: enabled === true,
    superpowered: superpowered === true,
    phase: status?.phase ?? (enabled === true ? "waiting" : "off"),
    ...(why === undefined ? {} : { why }),
  };
}
