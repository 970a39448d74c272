// `node tools/bootstrap.mjs SCRIPT ARG…`: the set-up, then Bun with the script, in the repository's folder. A `--mirror
// URL` among the arguments is remembered and not passed on.
import { root, runBun, setUp, takeMirror } from "./setup.mjs";

const args = takeMirror(process.argv.slice(2));
await setUp();
runBun(args, { cwd: root });
