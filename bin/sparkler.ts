/**
 * `sparkler`: the operator's command on the building machine. Here is the table of its words; what a word does is
 * imported when it is called.
 */
import { dispatch } from "./sparkler/dispatch.ts";
import { root } from "./sparkler/tree.ts";

process.exitCode = await dispatch(root, process.argv.slice(2));
