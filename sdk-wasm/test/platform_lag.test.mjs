// SPDX-License-Identifier: Apache-2.0
// data-consent="auto" with platforms that tell of a yes before it is whole: one category after the other, or an
// event before the state that it is about. What looks like a refusal meanwhile is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accept, calls, events, followed, granted, kAd, receipts } from "./following.mjs";
import { open, pause, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

const kLagging = {
  "google_consent_mode, ads before analytics": () => {
    window.dataLayer = [];
    const gtag = function () {
      dataLayer.push(arguments);
    };
    gtag("consent", "default", { ad_storage: "denied", ad_user_data: "denied", analytics_storage: "denied" });
    window.banner = { accept: () => {
      gtag("consent", "update", { ad_storage: "granted", ad_user_data: "granted" });
      setTimeout(gtag, 40, "consent", "update", { analytics_storage: "granted" });
    } };
  },
  "complianz, category by category": () => {
    const given = new Set();
    window.cmplz_has_consent = (category) => given.has(category);
    window.banner = { accept: () => ["preferences", "marketing", "statistics"].forEach((category, i) => setTimeout(() => {
      given.add(category);
      document.dispatchEvent(new CustomEvent("cmplz_status_change", { detail: { category, value: "allow" } }));
    }, 15 * i)) };
  },
  "onetrust, its box closed before its groups": () => {
    let isClosed = false;
    window.OnetrustActiveGroups = ",C0001,";
    window.OneTrust = { IsAlertBoxClosed: () => isClosed, OnConsentChanged: () => {}, GetDomainData: () => ({ Groups: ["C0001", "C0002", "C0003", "C0004"].map((id) => ({ CustomGroupId: id })) }) };
    window.banner = { accept: () => {
      isClosed = true;
      document.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      setTimeout(() => {
        window.OnetrustActiveGroups = ",C0001,C0002,C0003,C0004,";
        window.dispatchEvent(new CustomEvent("OneTrustGroupsUpdated", { detail: [] }));
      }, 40);
    } };
  },
  "termly, its event before its state": () => {
    const state = { essential: true, performance: false, analytics: false, advertising: false };
    const listeners = [];
    window.Termly = { getConsentState: () => state, on: (name, listener) => name == "consent" && listeners.push(listener) };
    window.banner = { accept: () => {
      listeners.forEach((listener) => listener());
      setTimeout(() => Object.assign(state, { analytics: true, advertising: true }), 40);
    } };
  },
};

for (const [name, stand] of Object.entries(kLagging))
  test(`${name}: a yes under way is no refusal`, async () => {
    Object.assign(stage, { attributes: 'data-consent="auto"', before: `<script>(${stand})()</script>` });
    const page = await open(visitor, stage.shop + kAd);
    await page.evaluate(() => Throughline.track("played"));
    await followed(page);
    assert.deepEqual(calls(), []);
    await accept(page);
    await granted(page);
    await until("the receipt", () => receipts().length);
    await pause(700);
    assert.deepEqual(events().map(({ n, c }) => [n, c.s]), [["page_view", 1], ["played", 1]]);
    assert.equal(stage.batches().flatMap(({ e }) => e).length, 2); // no coarse count beside
    assert.deepEqual(receipts().map(({ consent: { s, m } }) => [s, m]), [[1, 1]]);
  });
