// SPDX-License-Identifier: Apache-2.0
// Node's http in the terms of fetch.
import type { NodeRequest, NodeResponse } from "./types.js";

export const asRequest = ({ method, url, headers, socket }: NodeRequest): Request => {
  const given = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (value && !name.startsWith(":")) given.set(name, [value].flat().join(", "));
  // As any proxy does: the chain that came, and who sent it.
  const { remoteAddress } = socket;
  if (remoteAddress) given.append("x-forwarded-for", remoteAddress);
  const scheme = socket.encrypted ? "https" : "http";
  const host = given.get("host") || "localhost";
  return new Request(new URL(url || "/", `${scheme}://${host}`), {
    method: method == "GET" || method == "HEAD" ? method : "POST",
    headers: given,
  });
};

/** Sets cookies as late as they can be: with the head of the answer. */
export const beforeHead = (response: NodeResponse, cookies: () => string[]): void => {
  const { writeHead } = response;
  response.writeHead = (...given) => {
    for (const cookie of cookies()) response.appendHeader("set-cookie", cookie);
    return writeHead.apply(response, given);
  };
};
