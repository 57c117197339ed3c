// SPDX-License-Identifier: Apache-2.0
// A port for a server that is told its port, and may be started on it again. Below the range from which the
// kernel gives outgoing connections theirs (net.ipv4.ip_local_port_range, 32768 and up): a port from there is free
// when asked and taken by some connection when the server comes to it.
import { once } from "node:events";
import { createServer } from "node:net";

const FIRST = 10_000;
const END = 32_000;

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort() {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST));
    const probe = createServer().listen(port, "127.0.0.1");
    try {
      await once(probe, "listening");
    } catch {
      continue;
    }
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
