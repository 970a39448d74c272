/** What the API server is held against: `bare-server.ts SOCKET FILE` gives a file's bytes to whatever is asked. */
const [socket = "", file = ""] = process.argv.slice(2);
const bytes = await Bun.file(file).bytes();
const headers = { "Content-Type": "application/json" };
Bun.serve({ unix: socket, fetch: () => new Response(bytes, { headers }) });
