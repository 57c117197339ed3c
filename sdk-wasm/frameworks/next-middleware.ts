// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/next/middleware, for middleware.ts and proxy.ts: capture without a script.
import { NextResponse } from "next/server.js";
import { init, type ServerOptions } from "@throughline/web/server";

interface FetchEvent {
  waitUntil(promise: Promise<unknown>): void;
}

/** `response`: the answer of a middleware of your own, if there is one. */
export const throughlineMiddleware = (
  options: ServerOptions,
): (<Answer extends Response>(
  request: Request,
  event: FetchEvent,
  response?: Answer,
) => Promise<Response>) => {
  const server = init(options);
  return async (request, event, response) => {
    const visit = await server.visit(request);
    event.waitUntil(visit.sent);
    const answer: Response = response ?? NextResponse.next();
    const location = answer.status >= 300 && answer.headers.get("location");
    if (location) visit.redirect(location);
    for (const cookie of visit.cookies) answer.headers.append("set-cookie", cookie);
    return answer;
  };
};
