/**
 * Which folder may import which (design: arrows point one way). Pure: takes file texts, returns the violations.
 */
export type SourceFile = { readonly path: string; readonly text: string };

/** From the bottom up: a folder imports only itself and what stands before it. */
const ORDER = ["base", "disk", "settings", "containers", "updates", "api", "cloud", "image", "machine", "fleet", "bin"];

/** Pairs on one level that must not meet. */
const APART: readonly (readonly [string, string])[] = [
  ["containers", "updates"],
  ["cloud", "image"],
  ["cloud", "machine"],
  ["cloud", "fleet"],
  ["image", "machine"],
  ["image", "fleet"],
  ["machine", "fleet"],
];

/** What never runs on the host; nothing that `bin/host.ts` reaches may import it. */
const NOT_ON_HOST = ["image", "machine", "fleet", "updates/repository"];

/** Every violation, as one sentence each. */
export function findViolations(files: readonly SourceFile[], allowed: ReadonlySet<string>): readonly string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  return [...imports.entries()]
    .flatMap(([path, targets]) => targets.flatMap((to) => judge(path, to, allowed)))
    .concat(hostViolations(imports));
}

/** Import specifiers of a file, static, dynamic and type-only alike; relative ones resolved against the root. */
export function importsOf(file: SourceFile): readonly string[] {
  const found = file.text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;"']*?from\s*"([^"$]+)"|\bimport\(\s*"([^"$]+)"\s*\)/g,
  );
  return [...found].map((match) => resolve(file.path, match[1] ?? match[2] ?? ""));
}

function judge(path: string, to: string, allowed: ReadonlySet<string>): readonly string[] {
  const from = path.split("/")[0] ?? "";
  if (!to.startsWith("/")) {
    const name = packageName(to);
    const known = to.startsWith("node:") || to.startsWith("bun") || allowed.has(name);
    return known ? [] : [`${path} imports "${name}", which docs/dependencies.md does not list`];
  }
  const target = to.slice(1).split("/")[0] ?? "";
  const [a, b] = [ORDER.indexOf(from), ORDER.indexOf(target)];
  if (a === -1 || b === -1 || from === target) return [];
  const apart = APART.some(([x, y]) => (x === from && y === target) || (y === from && x === target));
  return b > a || apart ? [`${path} imports ${to.slice(1)}: "${from}" must not reach "${target}"`] : [];
}

function hostViolations(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const seen = new Set<string>();
  const queue = ["bin/host.ts"];
  const bad: string[] = [];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (NOT_ON_HOST.some((folder) => path.startsWith(`${folder}/`))) bad.push(`${path} is reached from bin/host.ts`);
    queue.push(...(imports.get(path) ?? []).filter((to) => to.startsWith("/")).map((to) => to.slice(1)));
  }
  return bad;
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith(".") ? new URL(specifier, `file:///${from}`).pathname : specifier;
}
