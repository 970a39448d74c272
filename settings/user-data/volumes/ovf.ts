/**
 * The environment document of an OVF machine (DMTF DSP0243, "OVF environment"): its property `user-data` carries the
 * user data in base64.
 */
import type { XmlDocument, XmlElement } from "@rgrove/parse-xml";
import { Fault, fail, ok, type Result } from "../../../base/result.ts";

const KEY = "user-data";

/** The property's bytes; undefined when there is no such property. */
export async function readOvfEnvironment(bytes: Uint8Array): Promise<Result<Uint8Array | undefined, "malformed">> {
  const { parseXml } = await import("@rgrove/parse-xml");
  let document: XmlDocument;
  try {
    // Entities that a document defines itself are refused by the parser: they could make much of little.
    document = parseXml(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    return fail(Fault.from("malformed", "Cannot read the OVF environment", cause));
  }
  const values = [...propertiesOf(document)].filter(([key]) => key === KEY).map(([, value]) => value);
  const [value] = values;
  if (value === undefined) return ok(undefined);
  if (values.length > 1) return malformed(`it has the property "${KEY}" more than once`);
  const text = value.replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return malformed(`its property "${KEY}" is not base64`);
  return ok(Buffer.from(text, "base64"));
}

/** Key and value of every Property element, wherever it stands and whatever its prefix is. */
function* propertiesOf(node: XmlDocument | XmlElement): Generator<readonly [key: string, value: string]> {
  for (const child of node.children) {
    if (!("attributes" in child)) continue;
    const { name, attributes } = child;
    const [key, value] = ["key", "value"].map((wanted) => attributeOf(attributes, wanted));
    if (localName(name) === "Property" && key !== undefined && value !== undefined) yield [key, value];
    yield* propertiesOf(child);
  }
}

function attributeOf(attributes: Readonly<Record<string, string>>, wanted: string): string | undefined {
  return Object.entries(attributes).find(([name]) => localName(name) === wanted)?.[1];
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function malformed(why: string): Result<never, "malformed"> {
  return fail(new Fault("malformed", `Cannot read the OVF environment: ${why}`));
}
