// SPDX-License-Identifier: Apache-2.0
// Page views: of the load, of route changes in a single-page application (a changed path or query by
// push or pop, a changed path by replace), and of a return from the back/forward cache.
import { kRoute, loadNavigation, setReferrer } from "./evidence.js";
import { guard, listen } from "./guard.js";
import { entitle } from "./queue.js";
import { record } from "./session.js";
import type { Props } from "./types.js";

const kBackForward = 2;
let viewed = "";

/** The first one is the load's; each later one is a route change, whose referrer is the page left. */
export const pageView = (props?: Props): string | null => {
  const navigation = viewed ? kRoute : loadNavigation();
  if (viewed) setReferrer(viewed);
  entitle(); // what waits is of the page left, and so is the title yet
  viewed = location.href;
  return record("page_view", props, navigation);
};

/** The address as far as it makes a page: a query that is replaced is tidied or filled in. */
const place = (url: string, end: string | RegExp): string => url.split(end)[0]!;

export const watchRoutes = (): void => {
  const onRoute = guard((kind: unknown) => {
    const end = kind == "replace" ? /[?#]/ : "#";
    if (place(viewed, end) != place(location.href, end)) pageView();
    else viewed = location.href;
  });
  listen(window, "pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) record("page_view", undefined, kBackForward);
  });
  // Routers may use the Navigation API alone; where it is, it tells of the History API too.
  const { navigation } = window as unknown as { navigation?: EventTarget };
  if (navigation)
    return listen(navigation, "currententrychange", (event) =>
      onRoute((event as unknown as { navigationType?: string }).navigationType),
    );
  listen(window, "popstate", onRoute);
  for (const kind of ["push", "replace"] as const) {
    const original = history[`${kind}State`];
    history[`${kind}State`] = function (...args) {
      original.apply(this, args);
      onRoute(kind);
    };
  }
};
