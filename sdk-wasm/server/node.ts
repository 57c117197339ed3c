// SPDX-License-Identifier: Apache-2.0
// Node's http in the terms of fetch.
import { isRedirect } from "./request.js";
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

// Headers may come with the head itself: as an object, or names and values in turn.
const locationOf = (response: NodeResponse, head: unknown): string => {
  const pairs = Array.isArray(head)
    ? head.flatMap((name, i) => (i % 2 ? [] : [[String(name), head[i + 1]] as const]))
    : Object.entries(Object(head) as object);
  const given = pairs.find(([name]) => name.toLowerCase() == "location");
  return String(given?.[1] ?? response.getHeader("location") ?? "");
};

/** Sets cookies as late as they can be: with the head of the answer. `location`: where it redirects to, or "". */
export const beforeHead = (response: NodeResponse, cookies: (location: string) => string[]): void => {
  const { writeHead } = response;
  response.writeHead = (...given) => {
    const [status, ...more] = given as unknown[];
    const leadsOn = isRedirect(Number(status ?? response.statusCode));
    const location = leadsOn ? locationOf(response, more[more.length - 1]) : "";
    for (const cookie of cookies(location)) response.appendHeader("set-cookie", cookie);
    return writeHead.apply(response, given);
  };
};
