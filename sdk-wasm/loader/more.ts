// SPDX-License-Identifier: Apache-2.0
// Entry of what a site turns on (throughline.<hash>.m.js): domains that share a visit, all captures but
// page views and the page's own videos, and decorated links. It imports nothing of the script; what it
// needs of it is lent.
import { watchCheckouts } from "./capture-checkout.js";
import { watchForms } from "./capture-forms.js";
import { watchLinks } from "./capture-links.js";
import { watchScrolling } from "./capture-scroll.js";
import { handOverCoarsely } from "./coarse.js";
import type { decide } from "./core.js";
import { arrive, decorateLinks, linkedDomains, type Lent } from "./cross-domain.js";
import type { handOver } from "./handover.js";
import { decorateAgain } from "./links.js";
import { watchPlayers } from "./players.js";

export { decorate } from "./links.js";

/** Done when the first event may be decided. */
export const more = (
  api: Lent["api"],
  options: Lent["options"],
  readState: Lent["readState"],
  resumeQueue: Lent["resumeQueue"],
  request: Lent["request"],
  lentHandOver: typeof handOver,
  isSameSite: (hostA: string, hostB: string) => boolean,
  lentDecide: typeof decide,
): Promise<void> | void => {
  const words = (options.capture ?? "").split(/\s+/);
  const captures = (what: string): boolean => words.includes(what);
  const record = api.track;
  const isLinked = linkedDomains(options);

  if (captures("players")) watchPlayers(record);
  if (captures("scroll")) watchScrolling(record);
  const links = { outbound: captures("outbound"), download: captures("download") };
  if (links.outbound || links.download)
    watchLinks(record, {
      ...links,
      fileTypes: options.downloadTypes,
      isOwn: (host) => isLinked(host) || isSameSite(host, location.hostname),
    });
  const forms = { form: captures("form"), signup: captures("signup") };
  if (forms.form || forms.signup) watchForms(record, forms);
  if (captures("checkout")) watchCheckouts(() => lentHandOver(readState(), Date.now()), api.on as Parameters<typeof watchCheckouts>[1]);
  const lent = { api, options, readState, resumeQueue, request };
  if ((options.coarseHandover ?? false) + "" != "false") handOverCoarsely(lent, lentHandOver, lentDecide, () => decorateAgain());
  if (!options.linkDomains) return;
  decorateLinks(lent);
  return arrive(lent).catch(() => {}); // the server is not there: ids of its own
};
