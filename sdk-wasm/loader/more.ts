// SPDX-License-Identifier: Apache-2.0
// Entry of what few sites turn on (throughline.<hash>.m.js): domains that share a visit, players of others.
import { arrive, decorateLinks, type Lent } from "./cross-domain.js";
import { watchPlayers } from "./players.js";

/** Done when the first event may be decided. */
export const more = (
  api: Lent["api"],
  options: Lent["options"],
  readState: Lent["readState"],
  resumeQueue: Lent["resumeQueue"],
  request: Lent["request"],
): Promise<void> | void => {
  if (options.capture?.split(" ").includes("players")) watchPlayers(api.track);
  if (!options.linkDomains) return;
  const lent = { api, options, readState, resumeQueue, request };
  decorateLinks(lent);
  return arrive(lent).catch(() => {}); // the server is not there: ids of its own
};
