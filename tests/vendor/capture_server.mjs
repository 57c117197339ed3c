// SPDX-License-Identifier: Apache-2.0
// A server on loopback that keeps what a vendor's client sends and says yes.
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

export async function captureServer(answer) {
  const requests = [];
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      let body = Buffer.concat(parts);
      if (body[0] === 0x1f && body[1] === 0x8b) body = gunzipSync(body);
      requests.push({ method: request.method, path: request.url, headers: request.headers, body: JSON.parse(body.toString("utf8") || "null") });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { requests, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
