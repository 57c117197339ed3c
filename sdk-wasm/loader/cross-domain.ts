// SPDX-License-Identifier: Apache-2.0
// data-link-domains: one visit over the domains of a site (docs/sdk.md, "Several domains"). A link to one of
// them carries, from the click on and for 180 seconds, what the server has sealed for that host; the page
// there has the server open it. Never without storage consent on both sides, and never over a running visit.
import { hear, lendAddress, onLinkClick } from "./page-events.js";
import type { Options, Throughline } from "./types.js";

/** What the script lends: its state and its way to the server. */
export interface Lent {
  api: Throughline;
  options: Options;
  /** "" without consent. */
  readState: () => string;
  resumeQueue: () => void;
  request: (path: string, body: string, withIds: boolean) => Promise<Response>;
}

const kParameter = "tl_x";
const kFreshMs = 120_000; // the server allows 180 seconds, of which the way takes some
const kAskAgainMs = 60_000;
const kWaitMs = 1500;

const permitsStorage = ({ api, options }: Lent): boolean =>
  api.consent().storage ?? options.consentDefault == "granted";

const ask = async (
  { options, request }: Lent,
  body: object,
): Promise<{ [name: string]: unknown }> => {
  const { site, key } = options;
  const token: unknown = localStorage["tl_tok." + site]; // where its cookie does not go
  const reply = await request("/api/handover", JSON.stringify({ site, write_key: key, token, ...body }), true);
  return reply.ok ? Object(await reply.json()) : {};
};

const isRunning = (line: string, { sessionTimeout }: Options): boolean =>
  Date.now() - +line.split(".")[3]! < (+sessionTimeout! || 30) * 60_000;

const decided = (lent: Lent): Promise<void> =>
  new Promise((done) => {
    const look = (): void => {
      if (permitsStorage(lent) || lent.api.consent().storage === false) done();
    };
    look();
    lent.api.on("consent", look);
  });

/** Done when the visit that led here is taken over, or is known not to be. */
export const arrive = async (lent: Lent): Promise<void> => {
  const { options, readState, resumeQueue } = lent;
  const handover = new URLSearchParams(location.search).get(kParameter);
  if (!handover) return;
  await decided(lent);
  if (!permitsStorage(lent) || isRunning(readState(), options)) return;
  const late = new Promise<{ [name: string]: unknown }>((done) => setTimeout(done, kWaitMs, {}));
  const { state, token } = await Promise.race([ask(lent, { handover, consent: { storage: true } }), late]);
  if (typeof state != "string" || typeof token != "string" || !permitsStorage(lent)) return;
  localStorage["tl." + options.site] = state;
  localStorage["tl_tok." + options.site] = token;
  resumeQueue();
};

/** Whether a host is one of data-link-domains. */
export const linkedDomains = ({ linkDomains }: Options): ((host: string) => boolean) => {
  const domains = String(linkDomains ?? "").toLowerCase().split(/[\s,]+/).filter(Boolean);
  return (host) => domains.some((domain) => host == domain || host.endsWith("." + domain));
};

/** Decorates links to the other domains as they are clicked, whenever they came into the page. */
export const decorateLinks = (lent: Lent): void => {
  const { api, options, readState } = lent;
  const isLinked = linkedDomains(options);
  const made = new Map<string, { at: number; state: string; value?: unknown }>(); // by host

  const isOther = (host: string): boolean => host != location.hostname && isLinked(host);
  const idsOf = (line: string): string => line.slice(0, 73); // anonymous_id.session_id

  const prepare = (host: string): void => {
    const state = readState();
    const before = made.get(host);
    if (!state || (before && before.state == idsOf(state) && Date.now() - before.at < kAskAgainMs)) return;
    const now = { at: Date.now(), state: idsOf(state), value: before?.state == idsOf(state) && before.value };
    made.set(host, now);
    // The server seals only a visit that it has been told of.
    api
      .flush()
      .then(() => ask(lent, { to: host, state }))
      .then(
        ({ handover }) => (now.value = handover),
        () => {},
      );
  };
  // Asked for at the first sign of a visitor, so that it is there at the click.
  const onSign = (): void =>
    document.querySelectorAll<HTMLAnchorElement>("a[href^=http],a[href^='//']").forEach(({ hostname }) => {
      if (isOther(hostname)) prepare(hostname);
    });
  hear(document, "pointerover pointerdown touchstart focusin keydown", onSign);
  if (document.querySelector(":hover")) onSign(); // whoever was here before this file
  onLinkClick((link, url) => {
    const { hostname } = url;
    if (!isOther(hostname)) return;
    const { at, state, value } = made.get(hostname) ?? {};
    const isFresh = Date.now() - (at ?? 0) < kFreshMs && state && state == idsOf(readState());
    if (!isFresh || typeof value != "string") return;
    made.delete(hostname); // it counts once
    url.searchParams.set(kParameter, value);
    lendAddress(link, url.href);
  });
};
