// SPDX-License-Identifier: Apache-2.0
// The public types of @throughline/web/server.
import type { Checkout, CheckoutInput, ConsentChoice, ConsentState, ConsentWord, Options, Props } from "../loader/types.js";

/** A word alone is for both purposes; what is said and is no plain yes is a no. */
export type Choice = ConsentChoice | ConsentWord | null | undefined;

export interface ServerOptions
  extends Pick<
    Options,
    | "site"
    | "key"
    | "consentDefault"
    | "anonymousPings"
    | "sessionTimeout"
    | "sessionMax"
    | "rotateOnCampaign"
    | "keepQuery"
    | "respectGpc"
    | "cookieDomain"
    | "cookie"
    | "debug"
  > {
  /** Address of the Throughline server. */
  endpoint: string;
  /** The visitor's choice: fixed, or read from the request (the cookie of the site's own banner). Without
   * one it is unknown. */
  consent?: Choice | ((request: Request) => Choice | Promise<Choice>);
  /** The site's public origin, where requests show an inner address. */
  origin?: string;
  /** Whether a script in the page goes on with the session: its cookie is readable then (false). */
  readable?: boolean;
  /** Further request headers that are passed on, as those of a CDN that tell the country. */
  headers?: string[];
  /** Milliseconds for which a new visitor's first answer may wait for the server's token (200). */
  wait?: number;
  /** Which requests are page views; by default documents that a browser opens. */
  isPage?: (request: Request) => boolean;
  /** Stands in for fetch. */
  fetch?: typeof fetch;
}

/** One request's visitor. Nothing here throws. */
export interface Visit {
  /** null without storage consent, and before the first answer where no core runs. */
  readonly anonymousId: string | null;
  readonly sessionId: string | null;
  /** Set-Cookie values for the answer. Read them last: what is called meanwhile changes them. */
  readonly cookies: string[];
  /** Done when what was recorded is sent or given up: for waitUntil(). */
  readonly sent: Promise<void>;
  /** The event's id; null without consent. */
  track(name: string, props?: Props): string | null;
  checkoutStarted(input?: CheckoutInput | null): Checkout;
  /** Reads, or sets the choice, as from the site's own banner. A refusal is kept in a cookie. */
  consent(
    choice?: ConsentChoice | ConsentWord,
    by?: { platform: string; textVersion?: string },
  ): ConsentState;
  /** Where the answer redirects to: on the same site it goes on with this arrival, or is the arrival where it
   * adds the campaign. middleware() and node() call it by themselves. */
  redirect(to: string): void;
  /** A new visitor from the next request on. */
  reset(): void;
}

/** As far as Node's own are needed. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string | undefined; encrypted?: boolean | undefined };
}
export interface NodeResponse {
  statusCode: number;
  getHeader(name: string): number | string | string[] | undefined;
  appendHeader(name: string, value: string): unknown;
  on?(event: "close", listener: () => void): unknown;
  writeHead(...given: never[]): unknown;
}

export interface ThroughlineServer {
  /** Meets the visitor of a request and records its page view, if it is one. */
  visit(request: Request): Promise<Visit>;
  /** The same around the site's own answer, which gets the cookies. `waitUntil` keeps an edge worker alive. */
  middleware(
    request: Request,
    next: (visit: Visit) => Response | Promise<Response>,
    waitUntil?: (sent: Promise<void>) => void,
  ): Promise<Response>;
  /** For Node's http, Connect and Express: the visit is `request.throughline` afterwards. */
  node(
    request: NodeRequest & { throughline?: Visit },
    response: NodeResponse,
    next: () => void,
  ): Promise<void>;
}
