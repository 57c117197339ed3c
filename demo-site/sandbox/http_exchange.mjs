// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange on Node's plain http module: reading a bounded body, answering JSON, pages and
// redirects. The stand-ins of this folder use nothing else of HTTP.

// How long a stand-in takes that was switched to slow.
const SLOW_MS = 3000;

// Failures that need no vendor's words. Answers whether the exchange is over.
export async function standStill(request, mode) {
  if (mode === "reset") request.socket.resetAndDestroy();
  if (mode === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  return mode === "timeout" || mode === "reset";
}

export class BodyTooLarge extends Error {}

// The raw body; throws BodyTooLarge above `limit` bytes.
export async function readBody(request, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge(`the body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function sendJson(response, status, value, headers = {}) {
  const body = Buffer.from(JSON.stringify(value, null, 2));
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "content-length": body.length, ...headers });
  response.end(body);
}

export function sendPage(response, status, html) {
  const body = Buffer.from(html);
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8", "content-length": body.length, "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:",
  });
  response.end(body);
}

export function redirect(response, location) {
  response.writeHead(303, { location, "content-length": 0 });
  response.end();
}

// Whether an own page may be steered by this request: forms of other origins may not.
export function isOwnForm(request) {
  const origin = request.headers.origin;
  return origin === undefined || origin === `http://${request.headers.host}`;
}
