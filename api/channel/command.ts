/**
 * `control-channel`: carries the machine's API to whoever runs the virtual machine, over a virtio-serial port and so
 * without a network. Runs in QEMU variants only, for as long as the machine.
 */
import { type Command, stringOption } from "../../base/command.ts";
import { PortDevice } from "./device.ts";
import { serveGuest } from "./guest.ts";

export const command: Command = {
  name: "control-channel",
  summary: "Carry the API to the host of this virtual machine",
  options: {
    device: { type: "string", value: "FILE", summary: "The port (default /dev/virtio-ports/org.sparkler.control)" },
    socket: { type: "string", value: "FILE", summary: "The API's socket (default /run/api.sock)" },
  },
  async run({ options, log }) {
    using device = new PortDevice(stringOption(options, "device") ?? "/dev/virtio-ports/org.sparkler.control");
    const stop = new AbortController();
    process.once("SIGTERM", () => stop.abort());
    await serveGuest({
      device,
      apiSocket: stringOption(options, "socket") ?? "/run/api.sock",
      log,
      signal: stop.signal,
    });
    return 0;
  },
};
