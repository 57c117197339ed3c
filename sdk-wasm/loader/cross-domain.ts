// SPDX-License-Identifier: Apache-2.0
// data-link-domains: one visit over the domains of a site (docs/sdk.md, "Several domains"). A link to one of
// them carries, from the click on and for 180 seconds, what the server has sealed for that host; the page
// there has the server open it. Never without storage consent on both sides, and never over a running visit.
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
  const token = localStorage.getItem("tl_tok") || undefined; // where its cookie does not go
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
  localStorage.setItem("tl", state);
  localStorage.setItem("tl_tok", token);
  resumeQueue();
};

/** Decorates links to the other domains as they are clicked, whenever they came into the page. */
export const decorateLinks = (lent: Lent): void => {
  const { options, readState } = lent;
  const domains = String(options.linkDomains).toLowerCase().split(/[\s,]+/).filter(Boolean);
  const made = new Map<string, { at: number; state: string; value?: unknown }>(); // by host

  const isOther = (host: string): boolean =>
    host != location.hostname && domains.some((domain) => host == domain || host.endsWith("." + domain));
  const idsOf = (line: string): string => line.slice(0, 73); // anonymous_id.session_id

  const prepare = (host: string): void => {
    const state = readState();
    const before = made.get(host);
    if (!state || (before && before.state == idsOf(state) && Date.now() - before.at < kAskAgainMs)) return;
    const now = { at: Date.now(), state: idsOf(state), value: before?.state == idsOf(state) && before.value };
    made.set(host, now);
    ask(lent, { to: host, state }).then(
      ({ handover }) => (now.value = handover),
      () => {},
    );
  };
  const linkOf = (event: Event): HTMLAnchorElement | undefined =>
    event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.protocol.startsWith("http")) as
      | HTMLAnchorElement
      | undefined;

  // Asked for at the first sign of a visitor, so that it is there at the click.
  const onSign = (): void =>
    document.querySelectorAll<HTMLAnchorElement>("a[href^=http],a[href^='//']").forEach(({ hostname }) => {
      if (isOther(hostname)) prepare(hostname);
    });
  const onClick = (event: Event): void => {
    const link = linkOf(event);
    if (!link || !isOther(link.hostname)) return;
    const { at, state, value } = made.get(link.hostname) ?? {};
    const isFresh = Date.now() - (at ?? 0) < kFreshMs && state && state == idsOf(readState());
    if (!isFresh || typeof value != "string") return;
    made.delete(link.hostname); // it counts once
    const href = link.getAttribute("href")!;
    const url = new URL(link.href);
    url.searchParams.set(kParameter, value);
    link.setAttribute("href", url.href);
    // The link itself stays as it was, for whoever copies it.
    setTimeout(() => link.getAttribute("href") == url.href && link.setAttribute("href", href));
  };
  const each = (types: string, handler: (event: Event) => void): void =>
    types.split(" ").forEach((type) =>
      document.addEventListener(
        type,
        (event) => {
          try {
            handler(event);
          } catch {} // a link of another kind
        },
        { capture: true, passive: true },
      ),
    );
  each("pointerover pointerdown touchstart focusin keydown", onSign);
  each("click auxclick", onClick);
};
