import { expect, test } from "bun:test";
import { Fault } from "../base/result.ts";
import { withLock } from "./lock-packages.ts";

const gone = new Fault("package-gone", "Cannot download one of libfoo 1.0");

/** Work that fails with each of `faults` in turn and then gives "done". */
function work(...faults: readonly Error[]): () => Promise<string> {
  const left = [...faults];
  return () => {
    const fault = left.shift();
    return fault === undefined ? Promise.resolve("done") : Promise.reject(fault);
  };
}

function listener(): { readonly said: string[]; readonly say: (line: string) => void } {
  const said: string[] = [];
  return { said, say: (line) => void said.push(line) };
}

const relock = (): Promise<{ readonly moves: readonly string[] }> =>
  Promise.resolve({ moves: ["build: libfoo moved from 1.0 to 1.1"] });

test("withLock() resolves again where a locked package is gone, says what moved, and does the work anew", async () => {
  const { said, say } = listener();
  expect(await withLock(work(gone), { say, relock })).toBe("done");
  expect(said[0]).toContain("libfoo 1.0");
  expect(said[1]).toBe("build: libfoo moved from 1.0 to 1.1");
  expect(said[2]).toContain("packages.lock.new.json");
});

test.each([
  ["the lock is held to", { locked: true }, [gone], "package-gone"],
  ["it failed for another reason", {}, [new Fault("download-failed", "no mirror")], "download-failed"],
  ["packages of the new lock are gone too", {}, [gone, gone], "package-gone"],
])("withLock() fails where %s", async (_, options, faults, code) => {
  const { say } = listener();
  let made = 0;
  const counted = (): ReturnType<typeof relock> => ((made += 1), relock());
  const failed = withLock(work(...faults), { ...options, say, relock: counted });
  expect(await failed.catch((thrown: unknown) => thrown)).toMatchObject({ code });
  expect(made).toBe(faults.length - 1);
});
