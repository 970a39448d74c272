/** The content report of an image (`report.json`): what an operator may want to know before running it. */
import { z } from "zod";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { Content, ContentFile } from "./content.ts";

export type ImageSize = {
  /** E.g. `root`, `boot`, `disk`. */
  readonly name: string;
  readonly bytes: number;
  /** As published, when it is. */
  readonly compressed?: number | undefined;
};

/** A container image that the root carries. */
export type ReportContainer = {
  readonly name: string;
  /** Of its tree in the root. */
  readonly bytes: number;
  /** Compressed, as a registry has them; images of one base share its layer. */
  readonly layers: readonly { readonly definition: string; readonly bytes: number }[];
  /** How many Debian packages gave a file. */
  readonly packages: number;
};

/** What one Debian package gave; first-party files of a definition have neither name nor version. */
export type ReportSource = {
  readonly debian?: string | undefined;
  readonly version?: string | undefined;
  readonly files: number;
  readonly bytes: number;
};

export type ReportPackage = {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly sources: readonly ReportSource[];
};

export type ReportFile = { readonly path: string; readonly package: string; readonly bytes: number };

export type Report = {
  readonly format: 1;
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly images: readonly ImageSize[];
  readonly containers?: readonly ReportContainer[] | undefined;
  readonly files: number;
  readonly links: number;
  readonly bytes: number;
  /** Largest first. */
  readonly packages: readonly ReportPackage[];
  readonly executables: readonly (ReportFile & { readonly kind: "elf" | "script" })[];
  /** Setuid or setgid files, with their mode in octal. */
  readonly setuid: readonly { readonly path: string; readonly package: string; readonly mode: string }[];
  readonly interpreters: readonly { readonly path: string; readonly language: string; readonly found: string }[];
  readonly ports: readonly {
    readonly protocol: string;
    readonly address: string;
    readonly port: number;
    readonly from: string;
  }[];
  readonly units: readonly { readonly name: string; readonly package: string; readonly listens: readonly string[] }[];
  readonly modules: { readonly count: number; readonly bytes: number };
  /** The files that hold most of the bytes, largest first. */
  readonly largest: readonly ReportFile[];
};

const count = z.int().min(0);
const file = { path: z.string(), package: z.string(), bytes: count };
const sized = z.strictObject({ count, bytes: count });

export const reportSchema: z.ZodType<Report> = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  version: z.string(),
  commit: z.string(),
  images: z.array(z.strictObject({ name: z.string(), bytes: count, compressed: count.optional() })),
  containers: z
    .array(
      z.strictObject({
        name: z.string(),
        bytes: count,
        layers: z.array(z.strictObject({ definition: z.string(), bytes: count })),
        packages: count,
      }),
    )
    .optional(),
  files: count,
  links: count,
  bytes: count,
  packages: z.array(
    z.strictObject({
      name: z.string(),
      files: count,
      bytes: count,
      sources: z.array(
        z.strictObject({ debian: z.string().optional(), version: z.string().optional(), files: count, bytes: count }),
      ),
    }),
  ),
  executables: z.array(z.strictObject({ ...file, kind: z.enum(["elf", "script"]) })),
  setuid: z.array(z.strictObject({ path: z.string(), package: z.string(), mode: z.string() })),
  interpreters: z.array(z.strictObject({ path: z.string(), language: z.string(), found: z.string() })),
  ports: z.array(
    z.strictObject({ protocol: z.string(), address: z.string(), port: z.int().min(1).max(65_535), from: z.string() }),
  ),
  units: z.array(z.strictObject({ name: z.string(), package: z.string(), listens: z.array(z.string()) })),
  modules: sized,
  largest: z.array(z.strictObject(file)),
});

export type ReportInput = {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly images: readonly ImageSize[];
  readonly containers?: readonly ReportContainer[];
  readonly content: Content;
};

const LARGEST = 60;

/** The report of what `readContent` found. Same input, same report. */
export function makeReport({ name, version, commit, images, containers = [], content }: ReportInput): Report {
  const plain = content.files.filter((each) => each.kind === "file");
  return {
    format: 1,
    name,
    version,
    commit,
    images,
    ...(containers.length === 0 ? {} : { containers }),
    files: plain.length,
    links: content.files.length - plain.length,
    bytes: bytesOf(plain),
    packages: packagesOf(plain),
    executables: plain.flatMap((each) =>
      each.executable === undefined ? [] : [{ ...fileOf(each), kind: each.executable }],
    ),
    setuid: plain
      .filter((each) => (each.mode & 0o6000) !== 0)
      .map((each) => ({ path: each.path, package: each.owner.definition, mode: each.mode.toString(8) })),
    interpreters: content.interpreters,
    ports: content.ports,
    units: content.units.map((unit) => ({
      name: unit.name,
      package: unit.definition,
      listens: unit.listens.map((each) => each.address),
    })),
    modules: content.modules,
    largest: plain.toSorted(largerFirst).slice(0, LARGEST).map(fileOf),
  };
}

/** Reads `report.json`; every problem is named by its path. */
export function parseReport(text: string): Result<Report, "report-malformed"> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return fail(Fault.from("report-malformed", "Cannot read the content report", cause));
  }
  const parsed = reportSchema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  return fail(new Fault("report-malformed", `Cannot read the content report: ${problems.join("; ")}`));
}

function packagesOf(files: readonly ContentFile[]): readonly ReportPackage[] {
  return [...Map.groupBy(files, (each) => each.owner.definition)]
    .map(([name, own]) => ({ name, files: own.length, bytes: bytesOf(own), sources: sourcesOf(own) }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

function sourcesOf(files: readonly ContentFile[]): readonly ReportSource[] {
  return [...Map.groupBy(files, (each) => each.owner.debian ?? "")]
    .toSorted(([a, x], [b, y]) => bytesOf(y) - bytesOf(x) || (a < b ? -1 : 1))
    .map(([debian, own]) => ({
      ...(debian === "" ? {} : { debian, version: own[0]?.owner.version ?? "" }),
      files: own.length,
      bytes: bytesOf(own),
    }));
}

function fileOf({ path, owner, bytes }: ContentFile): ReportFile {
  return { path, package: owner.definition, bytes };
}

function bytesOf(files: readonly ContentFile[]): number {
  return files.reduce((sum, each) => sum + each.bytes, 0);
}

function largerFirst(a: ContentFile, b: ContentFile): number {
  return b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
}
