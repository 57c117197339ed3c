// SPDX-License-Identifier: Apache-2.0
// OneTrust and CookiePro ("Web CMP events guide"). OnetrustActiveGroups is a list like ",C0001,C0002,";
// sites rename the groups. Before a choice the banner is open, whatever groups are active.
import { byCategory, cookie, page, type Platform } from "./platform.js";

export const oneTrust: Platform = {
  name: "onetrust",
  find: () => page.OneTrust || page.OnetrustActiveGroups,
  events: "OneTrustGroupsUpdated OTConsentApplied consent.onetrust",
  watch: (api, changed) => api.OnConsentChanged?.(changed),
  read: (api, options) => {
    const active = page.OnetrustActiveGroups;
    const isChosen = api.IsAlertBoxClosed?.() || cookie("OptanonAlertBoxClosed");
    if (active == null || !isChosen) return null;
    const groups = active.split(",");
    return byCategory(options, "C0002", "C0004", (name) => groups.includes(name));
  },
};
