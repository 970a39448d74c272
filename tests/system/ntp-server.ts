/** A time server on a port of its own (RFC 5905, mode 4), with this machine's clock. */
import type { Socket } from "node:dgram";

const SECONDS_1900_TO_1970 = 2_208_988_800;

/** Answers on 127.0.0.1 until the socket is closed. */
export async function answerNtp(
  socket: Socket,
): Promise<{ readonly socket: Socket; readonly port: number; readonly asked: () => number }> {
  let count = 0;
  socket.on("message", (question, from) => {
    if (question.length < 48) return;
    count += 1;
    socket.send(answerTo(question, Date.now()), from.port, from.address);
  });
  await new Promise<void>((resolve) => void socket.bind(0, "127.0.0.1", resolve));
  return { socket, port: socket.address().port, asked: () => count };
}

function answerTo(question: Uint8Array, nowMs: number): Buffer {
  const answer = Buffer.alloc(48);
  answer[0] = 0x24; // no warning, version 4, mode 4 (server)
  answer[1] = 1; // stratum
  answer[2] = question[2] ?? 0;
  answer[3] = 0xec; // precision 2^-20 s
  answer.write("TEST", 12, "latin1");
  const stamp = Buffer.alloc(8);
  stamp.writeUInt32BE(Math.floor(nowMs / 1000) + SECONDS_1900_TO_1970, 0);
  stamp.writeUInt32BE(Math.floor(((nowMs % 1000) / 1000) * 2 ** 32), 4);
  for (const at of [16, 32, 40]) stamp.copy(answer, at); // reference, received, sent
  answer.set(question.subarray(40, 48), 24); // the question's own stamp
  return answer;
}
