/** `apiclient` as a program of the image. It sorts its own words, so it is not a command record. */
import { DEFAULT_SOCKET } from "../program.ts";
import { runApiclient } from "./apiclient.ts";

export function main(argv: readonly string[]): Promise<number> {
  return runApiclient(argv, { socketPath: DEFAULT_SOCKET });
}
