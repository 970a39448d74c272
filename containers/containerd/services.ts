/**
 * The calls of containerd's API that are used here, as data: path, request, answer (containerd api/services, the same in
 * 1.7 and 2.x).
 */
import { bool, binary, int64, labels, list, type Message, message, nested, text, uint32 } from "./message.ts";
import {
  type Any,
  any,
  type Descriptor,
  descriptor,
  type Empty,
  empty,
  type FieldMask,
  fieldMask,
  type Mount,
  mount,
  type Timestamp,
  timestamp,
} from "./types.ts";

export type Call<I, O> = { readonly path: string; readonly input: Message<I>; readonly output: Message<O> };

type Labels = Readonly<Record<string, string>>;

function call<I, O>(service: string, name: string, input: Message<I>, output: Message<O>): Call<I, O> {
  return { path: `/containerd.services.${service}/${name}`, input, output };
}

// containers

export type Runtime = { readonly name: string; readonly options: Any | undefined };
const runtime = message<Runtime>({ name: text(1), options: nested(2, any) });

export type Container = {
  readonly id: string;
  readonly labels: Labels;
  readonly image: string;
  readonly runtime: Runtime | undefined;
  readonly spec: Any | undefined;
  readonly snapshotter: string;
  readonly snapshotKey: string;
};
const container = message<Container>({
  id: text(1),
  labels: labels(2),
  image: text(3),
  runtime: nested(4, runtime),
  spec: nested(5, any),
  snapshotter: text(6),
  snapshotKey: text(7),
});
type OneContainer = { readonly container: Container | undefined };
const oneContainer = message<OneContainer>({ container: nested(1, container) });
type ContainerId = { readonly id: string };
const containerId = message<ContainerId>({ id: text(1) });
type ContainerList = { readonly containers: readonly Container[] };
const containerList = message<ContainerList>({ containers: list(nested(1, container)) });
type Filters = { readonly filters: readonly string[] };
const filters = message<Filters>({ filters: list(text(1)) });

export const containers: {
  readonly get: Call<ContainerId, OneContainer>;
  readonly list: Call<Filters, ContainerList>;
  readonly create: Call<OneContainer, OneContainer>;
  readonly delete: Call<ContainerId, Empty>;
} = {
  get: call("containers.v1.Containers", "Get", containerId, oneContainer),
  list: call("containers.v1.Containers", "List", filters, containerList),
  create: call("containers.v1.Containers", "Create", oneContainer, oneContainer),
  delete: call("containers.v1.Containers", "Delete", containerId, empty),
};

// tasks

export const TASK_STATES = ["unknown", "created", "running", "stopped", "paused", "pausing"] as const;

export type Process = {
  readonly containerId: string;
  readonly id: string;
  readonly pid: number;
  /** Index into `TASK_STATES`. */
  readonly status: number;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitStatus: number;
};
const process = message<Process>({
  containerId: text(1),
  id: text(2),
  pid: uint32(3),
  status: uint32(4),
  stdin: text(5),
  stdout: text(6),
  stderr: text(7),
  exitStatus: uint32(9),
});
type OneProcess = { readonly process: Process | undefined };
const oneProcess = message<OneProcess>({ process: nested(1, process) });
export type ProcessId = { readonly containerId: string; readonly execId: string };
const processId = message<ProcessId>({ containerId: text(1), execId: text(2) });
type CreateTask = {
  readonly containerId: string;
  readonly rootfs: readonly Mount[];
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
  readonly options: Any | undefined;
};
const createTask = message<CreateTask>({
  containerId: text(1),
  rootfs: list(nested(3, mount)),
  stdin: text(4),
  stdout: text(5),
  stderr: text(6),
  terminal: bool(7),
  options: nested(9, any),
});
type CreatedTask = { readonly containerId: string; readonly pid: number };
const createdTask = message<CreatedTask>({ containerId: text(1), pid: uint32(2) });
type Started = { readonly pid: number };
const started = message<Started>({ pid: uint32(1) });
type Kill = ProcessId & { readonly signal: number; readonly all: boolean };
const kill = message<Kill>({ containerId: text(1), execId: text(2), signal: uint32(3), all: bool(4) });
type Deleted = { readonly id: string; readonly pid: number; readonly exitStatus: number };
const deleted = message<Deleted>({ id: text(1), pid: uint32(2), exitStatus: uint32(3) });
type Waited = { readonly exitStatus: number; readonly exitedAt: Timestamp | undefined };
const waited = message<Waited>({ exitStatus: uint32(1), exitedAt: nested(2, timestamp) });
type Exec = ProcessId & {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
  readonly spec: Any | undefined;
};
const exec = message<Exec>({
  containerId: text(1),
  stdin: text(2),
  stdout: text(3),
  stderr: text(4),
  terminal: bool(5),
  spec: nested(6, any),
  execId: text(7),
});
type Resize = ProcessId & { readonly width: number; readonly height: number };
const resize = message<Resize>({ containerId: text(1), execId: text(2), width: uint32(3), height: uint32(4) });
type CloseIo = ProcessId & { readonly stdin: boolean };
const closeIo = message<CloseIo>({ containerId: text(1), execId: text(2), stdin: bool(3) });

export const tasks: {
  readonly get: Call<ProcessId, OneProcess>;
  readonly create: Call<CreateTask, CreatedTask>;
  readonly start: Call<ProcessId, Started>;
  readonly kill: Call<Kill, Empty>;
  readonly delete: Call<ProcessId, Deleted>;
  readonly deleteProcess: Call<ProcessId, Deleted>;
  readonly wait: Call<ProcessId, Waited>;
  readonly exec: Call<Exec, Empty>;
  readonly resizePty: Call<Resize, Empty>;
  readonly closeIo: Call<CloseIo, Empty>;
} = {
  get: call("tasks.v1.Tasks", "Get", processId, oneProcess),
  create: call("tasks.v1.Tasks", "Create", createTask, createdTask),
  start: call("tasks.v1.Tasks", "Start", processId, started),
  kill: call("tasks.v1.Tasks", "Kill", kill, empty),
  delete: call("tasks.v1.Tasks", "Delete", processId, deleted),
  deleteProcess: call("tasks.v1.Tasks", "DeleteProcess", processId, deleted),
  wait: call("tasks.v1.Tasks", "Wait", processId, waited),
  exec: call("tasks.v1.Tasks", "Exec", exec, empty),
  resizePty: call("tasks.v1.Tasks", "ResizePty", resize, empty),
  closeIo: call("tasks.v1.Tasks", "CloseIO", closeIo, empty),
};

// images

export type Image = { readonly name: string; readonly labels: Labels; readonly target: Descriptor | undefined };
const image = message<Image>({ name: text(1), labels: labels(2), target: nested(3, descriptor) });
type OneImage = { readonly image: Image | undefined };
const oneImage = message<OneImage>({ image: nested(1, image) });
type ImageName = { readonly name: string };
const imageName = message<ImageName>({ name: text(1) });
type UpdateImage = OneImage & { readonly updateMask: FieldMask | undefined };
const updateImage = message<UpdateImage>({ image: nested(1, image), updateMask: nested(2, fieldMask) });
type ImageList = { readonly images: readonly Image[] };
const imageList = message<ImageList>({ images: list(nested(1, image)) });
type DeleteImage = ImageName & { readonly sync: boolean };
const deleteImage = message<DeleteImage>({ name: text(1), sync: bool(2) });

export const images: {
  readonly get: Call<ImageName, OneImage>;
  readonly list: Call<Filters, ImageList>;
  readonly create: Call<OneImage, OneImage>;
  readonly update: Call<UpdateImage, OneImage>;
  readonly delete: Call<DeleteImage, Empty>;
} = {
  get: call("images.v1.Images", "Get", imageName, oneImage),
  list: call("images.v1.Images", "List", filters, imageList),
  create: call("images.v1.Images", "Create", oneImage, oneImage),
  update: call("images.v1.Images", "Update", updateImage, oneImage),
  delete: call("images.v1.Images", "Delete", deleteImage, empty),
};

// content

export type BlobInfo = { readonly digest: string; readonly size: number; readonly labels: Labels };
const blobInfo = message<BlobInfo>({ digest: text(1), size: int64(2), labels: labels(5) });
type OneBlob = { readonly info: BlobInfo | undefined };
const oneBlob = message<OneBlob>({ info: nested(1, blobInfo) });
type Digest = { readonly digest: string };
const digest = message<Digest>({ digest: text(1) });
type UpdateBlob = OneBlob & { readonly updateMask: FieldMask | undefined };
const updateBlob = message<UpdateBlob>({ info: nested(1, blobInfo), updateMask: nested(2, fieldMask) });
type ReadBlob = Digest & { readonly offset: number; readonly size: number };
const readBlob = message<ReadBlob>({ digest: text(1), offset: int64(2), size: int64(3) });
type BlobPiece = { readonly offset: number; readonly data: Uint8Array };
const blobPiece = message<BlobPiece>({ offset: int64(1), data: binary(2) });
type Ref = { readonly ref: string };
const ref = message<Ref>({ ref: text(1) });

export const WRITE_STAT = 0;
export const WRITE_DATA = 1;
export const WRITE_COMMIT = 2;

export type WriteRequest = {
  readonly action: number;
  readonly ref: string;
  readonly total: number;
  readonly expected: string;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly labels: Labels;
};
const writeRequest = message<WriteRequest>({
  action: uint32(1),
  ref: text(2),
  total: int64(3),
  expected: text(4),
  offset: int64(5),
  data: binary(6),
  labels: labels(7),
});
export type WriteAnswer = {
  readonly action: number;
  readonly offset: number;
  readonly total: number;
  readonly digest: string;
};
const writeAnswer = message<WriteAnswer>({ action: uint32(1), offset: int64(4), total: int64(5), digest: text(6) });

export const content: {
  readonly info: Call<Digest, OneBlob>;
  readonly update: Call<UpdateBlob, OneBlob>;
  readonly read: Call<ReadBlob, BlobPiece>;
  readonly write: Call<WriteRequest, WriteAnswer>;
  readonly abort: Call<Ref, Empty>;
} = {
  info: call("content.v1.Content", "Info", digest, oneBlob),
  update: call("content.v1.Content", "Update", updateBlob, oneBlob),
  /** A stream of answers. */
  read: call("content.v1.Content", "Read", readBlob, blobPiece),
  /** A stream both ways, an answer to each request. */
  write: call("content.v1.Content", "Write", writeRequest, writeAnswer),
  abort: call("content.v1.Content", "Abort", ref, empty),
};

// snapshots, and what is unpacked into them

type SnapshotKey = { readonly snapshotter: string; readonly key: string };
const snapshotKey = message<SnapshotKey>({ snapshotter: text(1), key: text(2) });
type Prepare = SnapshotKey & { readonly parent: string; readonly labels: Labels };
const prepare = message<Prepare>({ snapshotter: text(1), key: text(2), parent: text(3), labels: labels(4) });
type Mounts = { readonly mounts: readonly Mount[] };
const mounts = message<Mounts>({ mounts: list(nested(1, mount)) });
type Commit = SnapshotKey & { readonly name: string; readonly labels: Labels };
const commit = message<Commit>({ snapshotter: text(1), name: text(2), key: text(3), labels: labels(4) });
type Apply = { readonly diff: Descriptor | undefined; readonly mounts: readonly Mount[]; readonly syncFs: boolean };
const apply = message<Apply>({ diff: nested(1, descriptor), mounts: list(nested(2, mount)), syncFs: bool(4) });
type Applied = { readonly applied: Descriptor | undefined };
const applied = message<Applied>({ applied: nested(1, descriptor) });

export const snapshots: {
  readonly stat: Call<SnapshotKey, Empty>;
  readonly prepare: Call<Prepare, Mounts>;
  /** The same, to be read only. */
  readonly view: Call<Prepare, Mounts>;
  readonly mounts: Call<SnapshotKey, Mounts>;
  readonly commit: Call<Commit, Empty>;
  readonly remove: Call<SnapshotKey, Empty>;
  /** Unpacks a layer into mounts, and with `syncFs` onto the disk; answers with the digest of what was unpacked. */
  readonly apply: Call<Apply, Applied>;
} = {
  stat: call("snapshots.v1.Snapshots", "Stat", snapshotKey, empty),
  prepare: call("snapshots.v1.Snapshots", "Prepare", prepare, mounts),
  view: call("snapshots.v1.Snapshots", "View", prepare, mounts),
  mounts: call("snapshots.v1.Snapshots", "Mounts", snapshotKey, mounts),
  commit: call("snapshots.v1.Snapshots", "Commit", commit, empty),
  remove: call("snapshots.v1.Snapshots", "Remove", snapshotKey, empty),
  apply: call("diff.v1.Diff", "Apply", apply, applied),
};

// leases: what they hold is kept from the garbage collector

type LeaseRequest = { readonly id: string; readonly labels: Labels };
const leaseRequest = message<LeaseRequest>({ id: text(1), labels: labels(3) });
type DeleteLease = { readonly id: string; readonly sync: boolean };
const deleteLease = message<DeleteLease>({ id: text(1), sync: bool(2) });

type LeaseList = { readonly leases: readonly LeaseInfo[] };
type LeaseInfo = { readonly id: string };
const leaseInfo = message<LeaseInfo>({ id: text(1) });
const leaseList = message<LeaseList>({ leases: list(nested(1, leaseInfo)) });

export const leases: {
  readonly create: Call<LeaseRequest, Empty>;
  readonly list: Call<Filters, LeaseList>;
  readonly delete: Call<DeleteLease, Empty>;
} = {
  create: call("leases.v1.Leases", "Create", leaseRequest, empty),
  list: call("leases.v1.Leases", "List", filters, leaseList),
  delete: call("leases.v1.Leases", "Delete", deleteLease, empty),
};

// version

type Version = { readonly version: string; readonly revision: string };
const version = message<Version>({ version: text(1), revision: text(2) });

export const versions: { readonly get: Call<Empty, Version> } = {
  get: call("version.v1.Version", "Version", empty, version),
};
