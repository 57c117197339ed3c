// SPDX-License-Identifier: Apache-2.0
// The public object. Every call is guarded; before init() all answers are null or empty.
import { choose, heed, pageSpeaks, withdraw } from "./choice.js";
import { startCheckout } from "./checkout.js";
import { captures, capturesMore, configure, handsOverCoarsely, options } from "./config.js";
import { consentState, known, permitsStorage, startConsent } from "./consent.js";
import { decide, isSameSite, loadCore } from "./core.js";
import { extra } from "./extra.js";
import { fillFields } from "./fields.js";
import { guard, listen, report, setVerbose } from "./guard.js";
import { handOver } from "./handover.js";
import { on, tell } from "./hooks.js";
import { identify } from "./identify.js";
import { watchLeaving } from "./leave.js";
import { pageView, watchRoutes } from "./routes.js";
import {
  anonymousId,
  attribution,
  forgetVisitor,
  reconcile,
  record,
  sessionId,
  settleSession,
} from "./session.js";
import { adopt, own, readObject, readState, storeTouches, wipe } from "./storage.js";
import { flush, request, resumeQueue } from "./transport.js";
import type { Options, Throughline } from "./types.js";

let isStarted = false;

const watch: Throughline["video"] = (...video) => void extra("x", "watchVideo", record, ...video);

const start = (): void => {
  startConsent(readObject("tl_consent"));
  if (permitsStorage()) resumeQueue();
  if (options.consent == "auto") void extra("c", "follow", known, choose, options);
  watchLeaving(); // before routes: a page that comes back wakes up, then tells of its view
  if (captures("page")) {
    pageView();
    guard(watchRoutes)(); // a frozen history
  }
  if (captures("video"))
    listen(document, "play", ({ target }) => {
      if ((target as HTMLElement).dataset.tlVideo != null) watch(target as HTMLVideoElement);
    });
  for (const type of ["DOMContentLoaded", "submit", "formdata"]) listen(document, type, fillFields);
  listen(window, "online", flush);
  listen(window, "storage", (event) => {
    const { key, newValue } = event as StorageEvent;
    if (key == own("tl")) (newValue ? reconcile : forgetVisitor)();
    if (key == own("tl_consent")) heed(); // not newValue: a choice made here since then is newer
  });
  const started =
    (options.linkDomains || handsOverCoarsely() || capturesMore()) &&
    extra("m", "more", api, options, readState, resumeQueue, request, handOver, isSameSite, decide);
  const settle = guard(() => {
    if (known.s === 0) withdraw();
    settleSession();
    tell("ready", api);
  });
  // A visit from another domain of the site may go on here.
  void loadCore(() => (started && location.search.match("tl_x=") ? started.then(settle) : settle()));
};

export const startWith = (given: Options, origin: string): void => {
  if (isStarted) return;
  configure(given, origin);
  report(2, given, api); // explain.ts judges them
  if (!given.site) return;
  isStarted = true;
  adopt();
  // A prerendered page has not been seen yet.
  if ((document as { prerendering?: boolean }).prerendering)
    listen(document, "prerenderingchange", start);
  else start();
};

const track: Throughline["track"] = guard((name, props) => record(name, props));

export const api: Throughline = {
  init: (options) => {
    guard(startWith)(options, location.origin);
    return api;
  },
  getSessionId: guard(sessionId),
  getAnonymousId: guard(anonymousId),
  getAttribution: attribution,
  page: guard(pageView),
  track,
  trackEvent: track,
  identify: guard(identify),
  checkoutStarted: startCheckout,
  decorateCheckout: (root) =>
    void extra("m", "decorate", root ?? document, readState, handOver, on),
  campaign: guard((campaign) => record("campaign", undefined, 0, campaign)),
  consent: (choice, by) => {
    if (choice != null) {
      report(16, choice);
      guard(choose)(typeof choice == "object" ? choice : { storage: choice, marketing: choice }, guard(pageSpeaks)(by || {}));
    }
    return consentState();
  },
  video: watch,
  on: guard(on) as Throughline["on"],
  reset: guard(() => {
    void flush();
    wipe();
    storeTouches({ r: 1 });
    forgetVisitor();
  }),
  flush,
  debug: (isOn = true) => {
    setVerbose(true);
    report(2, isOn && options, api);
    setVerbose(isOn);
  },
};
