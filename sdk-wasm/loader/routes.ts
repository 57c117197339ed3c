// SPDX-License-Identifier: Apache-2.0
// Page views: of the load, of route changes in a single-page application (a changed path or query, by
// push, replace or pop), and of a return from the back/forward cache.
import { loadNavigation, setReferrer } from "./evidence.js";
import { guard, listen } from "./guard.js";
import { record } from "./session.js";
import type { Props } from "./types.js";

const kRoute = 3; // tl::Navigation
const kBackForward = 2;
let viewed = "";

/** The first one is the load's; each later one is a route change, whose referrer is the page left. */
export const pageView = (props?: Props): string | null => {
  const navigation = viewed ? kRoute : loadNavigation();
  if (viewed) setReferrer(viewed);
  viewed = location.href;
  return record("page_view", props, navigation);
};

const place = (url: string): string => url.split("#")[0]!;

export const watchRoutes = (): void => {
  const onRoute = guard(() => {
    if (place(viewed) != place(location.href)) pageView();
  });
  listen(window, "popstate", onRoute);
  listen(window, "pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) record("page_view", undefined, kBackForward);
  });
  for (const method of ["pushState", "replaceState"] as const) {
    const original = history[method];
    history[method] = function (...args) {
      original.apply(this, args);
      onRoute();
    };
  }
};
