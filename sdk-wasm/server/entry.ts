// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/server: the same core on the site's own server or at the edge, without any
// script in the page.
import { configure } from "../loader/config.js";
import { report } from "../loader/guard.js";
import { whenCore } from "./core-inline.js";
import { asRequest, beforeHead } from "./node.js";
import { isPageView, isRedirect } from "./request.js";
import type { Choice, ServerOptions, ThroughlineServer } from "./types.js";
import { Visitor } from "./visitor.js";

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

// What the site's own code throws is an unknown choice.
const choiceOf = async ({ consent }: ServerOptions, request: Request): Promise<Choice> => {
  try {
    return typeof consent == "function" ? await consent(request) : consent;
  } catch (error) {
    report(0, error);
    return null;
  }
};

const addressOf = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    report(1, text);
    return undefined;
  }
};

export const init = (options: ServerOptions): ThroughlineServer => {
  const { debug, site, key, isPage = isPageView, wait = 200 } = options;
  configure({ debug, site, key }, "");
  const endpoint = addressOf(options.endpoint)?.href.replace(/\/$/, "") ?? "";
  const origin = options.origin && addressOf(options.origin)?.origin;
  const settings = { ...options, endpoint, origin };
  const core = whenCore();

  const meet = async (request: Request, holds = false): Promise<Visitor> => {
    await core;
    const choice = await choiceOf(options, request);
    try {
      const visitor = new Visitor(settings, request, isPage(request), choice);
      if (holds) visitor.hold();
      visitor.arrive();
      return visitor;
    } catch (error) {
      report(0, error);
      return new Visitor(settings, new Request("http://localhost/"), false, null);
    }
  };
  // A new visitor's first cookies are better with the token.
  const settle = async (visitor: Visitor): Promise<Visitor> => {
    if (!visitor.isHeld && visitor.isNew) await Promise.race([visitor.sent, pause(wait)]);
    return visitor;
  };

  return {
    visit: async (request) => settle(await meet(request)),

    middleware: async (request, next, waitUntil) => {
      const visitor = await settle(await meet(request, true));
      const { isHeld } = visitor;
      let answer: Response;
      try {
        answer = await next(visitor);
        if (isRedirect(answer.status)) visitor.redirect(answer.headers.get("location") ?? "");
      } finally {
        visitor.release();
        waitUntil?.(visitor.sent);
      }
      if (isHeld) await settle(visitor);
      const { cookies } = visitor;
      if (!cookies[0]) return answer;
      const own = new Response(answer.body, answer); // an answer of fetch() has fixed headers
      for (const cookie of cookies) own.headers.append("set-cookie", cookie);
      // One visitor's cookies are nobody else's, whatever the page may be.
      if (/public|s-maxage/.test(own.headers.get("cache-control") ?? ""))
        own.headers.set("cache-control", "private, no-cache");
      return own;
    },

    node: async (request, response, next) => {
      const visitor = await settle(await meet(asRequest(request), true));
      request.throughline = visitor;
      response.on?.("close", () => visitor.release()); // also where no head was written
      beforeHead(response, (location) => {
        if (location) visitor.redirect(location);
        visitor.release();
        return visitor.cookies;
      });
      next();
    },
  };
};

export type * from "./types.js";
