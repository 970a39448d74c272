/**
 * `sparkler`: the operator's command on the building machine. Here is the table of its words; what a word does is
 * imported when it is called.
 */
import { dispatch } from "./sparkler/dispatch.ts";
import { root } from "./sparkler/tree.ts";

// Whoever reads may stop reading, as `head` does: then there is nothing left to do.
process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
  if (cause.code !== "EPIPE") throw cause;
  process.exit(0);
});
process.exitCode = await dispatch(root, process.argv.slice(2));
