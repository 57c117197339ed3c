// SPDX-License-Identifier: Apache-2.0
// IAB GPP. A United States section (6 and above) says that an opt-out law applies: measuring is
// permitted until an opt-out, which ends marketing; nobody has chosen that. The European section carries
// TCF purposes.
import { kGoogleVendor, page, type Platform } from "./platform.js";

const kTcfEu = 2;
const kFirstUs = 6;
let data: any;

export const gpp: Platform = {
  name: "iab_gpp",
  find: () => page.__gpp,
  watch: (api, changed) =>
    api("addEventListener", ({ pingData }: any) => {
      if (pingData?.signalStatus != "ready") return;
      data = pingData;
      changed();
    }),
  read: () => {
    if (!data) return null;
    const { applicableSections = [], parsedSections = {}, cmpId, gppVersion, gppString: string } = data;
    const version = [cmpId, gppVersion].join(".");
    // A section's parts (core, Gpc) come as a list of objects.
    const sections: any[] = Object.values(parsedSections).flat(2);
    if (applicableSections.includes(kTcfEu)) {
      const said = sections.find((one) => one.PurposeConsents);
      if (!said) return null;
      const has = (...ids: number[]): boolean => ids.every((id) => said.PurposeConsents[id - 1]);
      const marketing = has(1, 7) && !!said.VendorConsents?.includes(kGoogleVendor);
      return { storage: has(1, 8), marketing, personalisation: has(3, 4), version, string };
    }
    if (!applicableSections.some((id: number) => id >= kFirstUs)) return;
    const optedOut = sections.some(
      ({ SaleOptOut, SharingOptOut, TargetedAdvertisingOptOut, OptOutSale, Gpc }) =>
        [SaleOptOut, SharingOptOut, TargetedAdvertisingOptOut].includes(1) ||
        OptOutSale == "Y" ||
        Gpc === true,
    );
    return { storage: true, marketing: !optedOut, optedOut, version, string, isImplied: true };
  },
};
