// SPDX-License-Identifier: Apache-2.0
// OneTrust and CookiePro ("Web CMP events guide"). OnetrustActiveGroups is a list like ",C0001,C0002,";
// sites rename the groups, so one that the site does not have is open, not refused. Before a choice the
// banner is open, whatever groups are active.
import { byCategory, cookie, page, type Platform } from "./platform.js";

interface Group {
  CustomGroupId: string;
  SubGroups?: Group[];
}

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
    const all: string[] | undefined = api
      .GetDomainData?.()
      .Groups?.flatMap((one: Group) => [one, ...(one.SubGroups || [])].map(({ CustomGroupId }) => CustomGroupId));
    return byCategory(options, "C0002", "C0004", (name) =>
      groups.includes(name) ? true : all?.includes(name) === false ? null : false,
    );
  },
};
