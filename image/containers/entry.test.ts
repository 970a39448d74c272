import { expect, test } from "bun:test";
import { type Entry, makeLayer, mergeLayers } from "./entry.ts";

const file = (path: string, text = ""): Entry => ({
  path,
  kind: "file",
  from: Buffer.from(text),
  mode: 0o644,
  uid: 0,
  gid: 0,
});

test("makeLayer() adds the folders above every entry, and sorts", () => {
  expect([...makeLayer([file("b"), file("a/b/c")]).keys()]).toEqual(["a", "a/b", "a/b/c", "b"]);
});

test("makeLayer() takes a folder as the layers below have it", () => {
  const lower = makeLayer([{ path: "tmp", kind: "folder", mode: 0o1777, uid: 0, gid: 0 }]);
  expect(makeLayer([file("tmp/x")], lower).get("tmp")?.mode).toBe(0o1777);
});

test("mergeLayers() sees the upper file, in the order of paths", () => {
  const merged = mergeLayers([makeLayer([file("b", "lower"), file("c")]), makeLayer([file("a"), file("b", "upper")])]);
  expect([...merged.keys()]).toEqual(["a", "b", "c"]);
  const { from } = { from: undefined, ...merged.get("b") };
  expect(String(from)).toBe("upper");
});
