/** What a command of the operator is: that of base/command.ts, which can be interrupted and judges its own values. */
import type { Command, Invocation, Values } from "../../base/command.ts";

export type OperatorInvocation = Invocation & {
  /** From the first call on, Ctrl-C and its like abort this signal and do not end the process. */
  readonly untilInterrupted: () => AbortSignal;
};

export type OperatorCommand = Omit<Command, "name" | "run"> & {
  /** What is wrong with the values of options, one sentence each. */
  readonly problems?: (values: Values) => readonly string[];
  readonly run: (invocation: OperatorInvocation) => Promise<number>;
};
