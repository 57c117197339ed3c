// SPDX-License-Identifier: Apache-2.0
// data-coarse-handover: what a checkout carries of a visitor without consent: the channel that led to this page,
// and source and campaign where many share them. No id; nothing is stored. The server says what it may be, for
// it has the lists. Only for the page that was landed on: another page load was reached from within the site.
import type { decide } from "./core.js";
import type { Lent } from "./cross-domain.js";
import type { handOver } from "./handover.js";

export const handOverCoarsely = (
  { api, options: { site, key, keepQuery }, request }: Lent,
  lentHandOver: typeof handOver,
  lentDecide: typeof decide,
  found: () => void,
): void => {
  const [landing] = performance.getEntriesByType("navigation");
  const url = landing?.name || location.href; // as it was, whatever the page has made of it since
  const from = document.referrer;
  let isAsked = false;
  const ask = async (): Promise<void> => {
    if (isAsked || api.getSessionId() || api.consent().storage) return;
    try {
      const fields = [site!, "page_view", keepQuery || "", url, from, "", "0".repeat(32), ""];
      const { an } = lentDecide(fields, 0, 1, Date.now(), 0, 0, 1, 1, 0);
      if (!an) return; // a page without the core, or without it so far
      isAsked = true;
      const body = JSON.stringify({ site, write_key: key, an });
      const { token, metadata } = await (await request("/api/coarse-handover", body, false)).json();
      if (!token) return;
      Object.assign(lentHandOver, { token, metadata });
      found();
    } catch {} // the server is not there
  };
  api.on("ready", ask); // the core is there by then, if it ever is
  api.on("consent", ask);
};
