import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type ClientMessage,
  decodeCapacity,
  decodeClientMessage,
  encodeCapacity,
  encodeClientMessage,
} from "./messages.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the documented form", () => {
  const forms: Readonly<Record<string, readonly [ClientMessage, string]>> = {
    "Initialize without a terminal": [
      { kind: "initialize", initialize: { command: [bytes("ls")], target: "admin", tty: undefined } },
      '{"Initialize":{"command":[{"Unix":[108,115]}],"target":"admin","tty":null}}',
    ],
    "Initialize with a terminal": [
      {
        kind: "initialize",
        initialize: { command: [bytes("a"), bytes("b")], target: "x", tty: { size: { rows: 24, cols: 80 } } },
      },
      '{"Initialize":{"command":[{"Unix":[97]},{"Unix":[98]}],"target":"x","tty":{"size":{"rows":24,"cols":80}}}}',
    ],
    "Initialize with a terminal of unknown size": [
      { kind: "initialize", initialize: { command: [bytes("a")], target: "x", tty: { size: undefined } } },
      '{"Initialize":{"command":[{"Unix":[97]}],"target":"x","tty":{"size":null}}}',
    ],
    ContentComplete: [{ kind: "content-complete" }, '"ContentComplete"'],
    Winch: [{ kind: "winch", size: { rows: 1, cols: 65_535 } }, '{"Winch":{"rows":1,"cols":65535}}'],
  };
  for (const [name, [message, text]] of Object.entries(forms)) {
    test(`of ${name} is written and read`, () => {
      expect(encodeClientMessage(message)).toBe(text);
      expect(decodeClientMessage(bytes(text))).toEqual({ ok: true, value: message });
    });
  }

  test("of Capacity is written and read", () => {
    const text = '{"Capacity":{"max_messages_outstanding":1024,"messages_written":128}}';
    expect(encodeCapacity({ maxOutstanding: 1024, written: 128 })).toBe(text);
    expect(decodeCapacity(bytes(text))).toEqual({ maxOutstanding: 1024, written: 128 });
    expect(decodeCapacity(bytes('{"News":1}'))).toBeUndefined();
  });
});

describe("decodeClientMessage() refuses", () => {
  const bad = {
    "what is no JSON": "{",
    "another name": '"Complete"',
    "two names": '{"Winch":{"rows":1,"cols":1},"ContentComplete":null}',
    "no command": '{"Initialize":{"target":"a","tty":null}}',
    "words as texts": '{"Initialize":{"command":["ls"],"target":"a","tty":null}}',
    "a zero in a word": '{"Initialize":{"command":[{"Unix":[108,0]}],"target":"a","tty":null}}',
    "what is no byte": '{"Initialize":{"command":[{"Unix":[256]}],"target":"a","tty":null}}',
    "no target": '{"Initialize":{"command":[{"Unix":[108]}],"tty":null}}',
    "a size that is none": '{"Initialize":{"command":[{"Unix":[108]}],"target":"a","tty":{"size":{"rows":1}}}}',
    "rows beyond measure": '{"Winch":{"rows":65536,"cols":1}}',
  };
  for (const [name, text] of Object.entries(bad)) {
    test(name, () => expect(decodeClientMessage(bytes(text)).ok).toBe(false));
  }

  test("without ever throwing", () => {
    fc.assert(fc.property(fc.json(), (text) => void decodeClientMessage(bytes(text))));
  });
});
