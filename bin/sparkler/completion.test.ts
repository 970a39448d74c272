import { describe, expect, test } from "bun:test";
import { run } from "../../base/run.ts";
import { orThrow } from "../../base/result.ts";
import { completionEntries } from "./completion.ts";
import { bash, fish, zsh } from "./completion-scripts.ts";
import { root } from "./tree.ts";

const entries = await completionEntries(root);

/** An expansion in whose offset or length zsh looks for a modifier. */
const MODIFIER = /\$\{\w+(?:\[@\])?:(?:[^:}]*:)?[A-Za-z&]/;

/** What bash offers after the words of a line; the last one is being written. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const line = ["sparkler", ...words].map((word) => `'${word}'`).join(" ");
  const script = `${bash(entries)}
compopt() { :; }
COMP_WORDS=(${line}); COMP_CWORD=${words.length}
_sparkler
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ran = orThrow(
    await run(["bash", "-c", script], { env: { PATH: process.env["PATH"] ?? "" }, timeoutMs: 30_000 }),
  );
  return ran.stdout.split("\n").filter((word) => word !== "");
}

describe("completion", () => {
  test("bash completes commands, their options, and names of settings", async () => {
    expect(await offered("se")).toEqual(["settings"]);
    expect(await offered("image", "bu")).toEqual(["build"]);
    expect(await offered("up", "--user")).toEqual(["--user-data"]);
    expect(await offered("settings", "check", "--js")).toEqual(["--json"]);
    expect(await offered("--name", "one", "api", "set", "network.ho")).toEqual(["network.hostname=", "network.hosts="]);
    expect(await offered("api", "get", "settings.nt")).toEqual(["settings.ntp.time-servers", "settings.ntp.options"]);
  });

  test("bash takes its script", async () => {
    orThrow(await run(["bash", "-n", "-c", bash(entries)], { timeoutMs: 30_000 }));
  });

  test("no subscript of zsh begins with a letter, which would be a modifier", () => {
    expect("${words[@]:1:CURRENT-2}").toMatch(MODIFIER);
    expect(zsh(entries)).not.toMatch(MODIFIER);
  });

  test("fish offers files after a command that takes them, and not after a group", () => {
    const lines = fish(entries).split("\n");
    expect(lines).toContain("complete -c sparkler -n '__sparkler_at settings check' -F");
    expect(lines).not.toContain("complete -c sparkler -n '__sparkler_at settings' -F");
  });

  test("every shell's script has every command and no hidden one", () => {
    for (const script of [bash(entries), zsh(entries), fish(entries)]) {
      for (const word of ["up", "completion", "schema", "settings.motd", "--user-data"]) expect(script).toContain(word);
    }
    expect(entries.find(({ at }) => at.length === 0)?.words.map(({ word }) => word)).not.toContain("monitor");
  });
});
