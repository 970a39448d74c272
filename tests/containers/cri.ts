/**
 * The calls of the Container Runtime Interface that the tests use (kubernetes/cri-api, runtime/v1/api.proto), as an
 * orchestrator makes them.
 */
import {
  binary,
  labels,
  list,
  type Message,
  message,
  nested,
  text,
  uint32,
} from "../../containers/containerd/message.ts";
import type { Call } from "../../containers/containerd/services.ts";

/** The namespace of a pod that is the host's own. */
export const NODE = 2;

function call<I, O>(service: string, name: string, input: Message<I>, output: Message<O>): Call<I, O> {
  return { path: `/runtime.v1.${service}Service/${name}`, input, output };
}

type Metadata = { readonly name: string; readonly uid: string; readonly namespace: string };
const podMetadata = message<Metadata>({ name: text(1), uid: text(2), namespace: text(3) });
const containerMetadata = message<{ readonly name: string }>({ name: text(1) });

type Namespaces = { readonly network: number };
const namespaces = message<Namespaces>({ network: uint32(1) });
type Security = { readonly namespaces: Namespaces | undefined };
const security = message<Security>({ namespaces: nested(1, namespaces) });
type PodLinux = { readonly cgroupParent: string; readonly security: Security | undefined };
const podLinux = message<PodLinux>({ cgroupParent: text(1), security: nested(2, security) });
export type Pod = { readonly metadata: Metadata | undefined; readonly linux: PodLinux | undefined };
const pod = message<Pod>({ metadata: nested(1, podMetadata), linux: nested(8, podLinux) });

type Image = { readonly image: string };
const image = message<Image>({ image: text(1) });
export type Container = {
  readonly metadata: { readonly name: string } | undefined;
  readonly image: Image | undefined;
  readonly command: readonly string[];
};
const container = message<Container>({
  metadata: nested(1, containerMetadata),
  image: nested(2, image),
  command: list(text(3)),
});

type New = { readonly sandbox: string; readonly container: Container | undefined; readonly pod: Pod | undefined };
const newContainer = message<New>({ sandbox: text(1), container: nested(2, container), pod: nested(3, pod) });
type Id = { readonly id: string };
const id = message<Id>({ id: text(1) });
type Command = Id & { readonly command: readonly string[] };
type Output = { readonly stdout: Uint8Array; readonly stderr: Uint8Array; readonly status: number };
type Listed = Id & { readonly state: number; readonly labels: Readonly<Record<string, string>> };
const listed = message<Listed>({ id: text(1), state: uint32(6), labels: labels(8) });

export const RUNNING = 1;

export const cri: {
  readonly pull: Call<{ readonly image: Image | undefined }, Image>;
  readonly runPod: Call<{ readonly pod: Pod | undefined }, Id>;
  readonly create: Call<New, Id>;
  readonly start: Call<Id, object>;
  readonly exec: Call<Command, Output>;
  readonly list: Call<object, { readonly containers: readonly Listed[] }>;
} = {
  pull: call("Image", "PullImage", message({ image: nested(1, image) }), image),
  runPod: call("Runtime", "RunPodSandbox", message({ pod: nested(1, pod) }), id),
  create: call("Runtime", "CreateContainer", newContainer, id),
  start: call("Runtime", "StartContainer", id, message({})),
  exec: call(
    "Runtime",
    "ExecSync",
    message<Command>({ id: text(1), command: list(text(2)) }),
    message<Output>({ stdout: binary(1), stderr: binary(2), status: uint32(3) }),
  ),
  list: call("Runtime", "ListContainers", message({}), message({ containers: list(nested(1, listed)) })),
};
