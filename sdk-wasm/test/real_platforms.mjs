// SPDX-License-Identifier: Apache-2.0
// Consent platforms that can be installed, as a page would embed them: { scripts, attributes } each,
// leaving window.banner with accept() and refuse() like the stand-ins of platform_doubles.mjs.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const here = new URL("..", import.meta.url).pathname;
const file = (path) => readFileSync(`${here}node_modules/${path}`, "utf8");
const bundled = async (contents) => {
  const { outputFiles } = await build({ stdin: { contents, resolveDir: here }, bundle: true, write: false, format: "iife", target: "es2021", legalComments: "none" });
  return outputFiles[0].text;
};

// The part of a vendor list that encoding a string needs.
const kVendorList = {
  gvlSpecificationVersion: 3, vendorListVersion: 1, tcfPolicyVersion: 5, lastUpdated: "2026-01-01T00:00:00Z",
  purposes: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [i + 1, { id: i + 1, name: `Purpose ${i + 1}`, description: "", illustrations: [] }])),
  specialPurposes: {}, features: {}, specialFeatures: {}, stacks: {}, dataCategories: {},
  vendors: { 755: { id: 755, name: "V", purposes: [1], legIntPurposes: [], flexiblePurposes: [], specialPurposes: [], features: [], specialFeatures: [] } },
};

export const realPlatforms = {
  "vanilla-cookieconsent": {
    script: `${file("vanilla-cookieconsent/dist/cookieconsent.umd.js")}
      const translation = { consentModal: { title: "x" }, preferencesModal: { title: "x", sections: [] } };
      addEventListener("DOMContentLoaded", () => CookieConsent.run({ hideFromBots: false, revision: 3, categories: { necessary: { readOnly: true }, analytics: {}, marketing: {} },
        language: { default: "en", translations: { en: translation } } }));
      window.banner = { accept: () => CookieConsent.acceptCategory("all"), refuse: () => CookieConsent.acceptCategory([]) };`,
  },
  orejime: {
    script: `window.orejimeConfig = { privacyPolicyUrl: "/p", purposes: [{ id: "analytics", title: "A", cookies: [] }, { id: "ads", title: "B", cookies: [] }] };
      ${file("orejime/dist/orejime-standard-en.js")}
      window.banner = { accept: () => orejime.manager.acceptAll(), refuse: () => orejime.manager.declineAll() };`,
  },
  iab_tcf: {
    script: `${file("@iabtcf/stub/lib/stub.js")}
      ${await bundled(`import { CmpApi } from "@iabtcf/cmpapi"; import { GVL, TCModel, TCString } from "@iabtcf/core";
        require("@iabtcf/stub");
        const cmp = new CmpApi(10, 3, true);
        const say = (purposes, vendors = [755]) => {
          const model = new TCModel(new GVL(${JSON.stringify(kVendorList)}));
          Object.assign(model, { cmpId: 10, cmpVersion: 3, isServiceSpecific: true });
          model.purposeConsents.set(purposes);
          model.vendorConsents.set(vendors);
          cmp.update(TCString.encode(model), false);
        };
        cmp.update("", true);
        window.banner = { accept: () => say([1, 2, 3, 4, 7, 8]), refuse: () => say([], []), say };`)}`,
  },
  iab_gpp: {
    script: await bundled(`import { CmpApi } from "@iabgpp/cmpapi";
      const queue = [];
      const events = [];
      window.__gpp = (...call) => (!call.length ? queue : call[0] == "events" ? events : queue.push(call));
      const cmp = new CmpApi(11, 2);
      cmp.setApplicableSections([2]);
      const say = (on, vendors = [755]) => {
        cmp.setFieldValueBySectionId(2, "PurposeConsents", Array(24).fill(on));
        cmp.setFieldValueBySectionId(2, "VendorConsents", on ? vendors : []);
        cmp.setSignalStatus("ready");
        cmp.fireSectionChange("tcfeuv2");
      };
      window.gppCmp = cmp;
      window.banner = { accept: () => say(true), refuse: () => say(false), say };`),
  },
};
