/** Requests as bytes on the wire, for the load generator; its marks stand for numbers of its own. Pure. */

/** Both as long as the number that takes their place. */
export const CONNECTION = "@CCCCCC";
export const ROUND = "@VVVVVV";

export function requestText(method: string, uri: string, body: string = ""): string {
  const length = new TextEncoder().encode(body).length;
  const head = [`${method} ${uri} HTTP/1.1`, "Host: localhost", "Content-Type: application/json"];
  return [...head, ...(length === 0 && method === "GET" ? [] : [`Content-Length: ${length}`]), "", body].join("\r\n");
}

/** One client's change, in a transaction of its own. */
export const changeRequests: readonly string[] = [
  requestText("PATCH", `/settings?tx=c${CONNECTION}`, JSON.stringify({ motd: `change ${ROUND} of ${CONNECTION}` })),
  requestText("POST", `/tx/commit?tx=c${CONNECTION}`),
];

/** Kernel parameters that make `count` settings. */
export function manySettings(count: number): object {
  const names = Array.from({ length: count }, (_, at) => [`net.ipv4.conf.eth${at}.rp_filter`, "1"] as const);
  return { kernel: { sysctl: Object.fromEntries(names) } };
}
