/** Finding a TCP port of the loopback that nobody uses. Another program may take it before it is used: that is told then. */
import { createServer } from "node:net";
import { Fault } from "../base/result.ts";

/** The port that was used before, where it is free; else another one. */
export async function freePort(before?: number): Promise<number> {
  const port = (before === undefined ? undefined : await tryPort(before)) ?? (await tryPort(0));
  if (port !== undefined) return port;
  throw new Fault("no-port", "Cannot find a free port on 127.0.0.1");
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const found = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}
