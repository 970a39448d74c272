/** The host executable of test images: `probe` beside all the programs that it always has. */
import { basename } from "node:path";

if (basename(process.argv0) === "probe") await (await import("./serve.ts")).serveProbe();
else await import("../../bin/host.ts");
