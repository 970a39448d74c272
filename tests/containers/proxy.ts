/** A proxy for tests (RFC 9110 section 9.3.6, CONNECT), on this machine's loopback, which a guest reaches as 10.0.2.2. */
import { connect, createServer, type Server, type Socket } from "node:net";

const HEAD = /^CONNECT ([^\s:]+):(\d+) HTTP\/1\.1\r\n[^]*?\r\n\r\n/;

export class TestProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Where connections were asked for, as `HOST:PORT`. */
  readonly asked: string[] = [];

  private constructor() {
    this.#server = createServer((client) => this.#serve(client));
  }

  static async start(): Promise<TestProxy> {
    const proxy = new TestProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Its address as a guest has it. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return `http://10.0.2.2:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket): void {
    this.#keep(client);
    let text = "";
    const read = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const head = HEAD.exec(text);
      if (head === null) return;
      client.off("data", read);
      this.asked.push(`${head[1]}:${head[2]}`);
      // A guest's name of this machine is no name here.
      const server = connect(Number(head[2]), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connected\r\n\r\n");
        server.write(Buffer.from(text.slice(head[0].length), "latin1"));
        client.pipe(server).pipe(client);
      });
      this.#keep(server);
    };
    client.on("data", read);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy()); // either end may go at any time
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
