// SPDX-License-Identifier: Apache-2.0
// data-consent="auto" where a yes holds that nobody gave: by a platform's rule for the region, by the site's
// default. It is told as implied, so that no receipt makes a choice of it; an act of the visitor is not.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { accept, followed, granted, kAd, receipts, scripts } from "./following.mjs";
import { open, pause, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

beforeEach(() => (stage.attributes = 'data-consent="auto"'));

const inPage = (statements) => `<script>${statements}</script>`;
const usp = inPage(`window.__uspapi=(command,version,answer)=>answer({uspString:"1YNN"},true)`);
const gtagDefault = inPage(`window.dataLayer=[];function gtag(){dataLayer.push(arguments)}
  gtag("consent","default",{ad_storage:"granted",ad_user_data:"granted",analytics_storage:"granted"});
  window.banner={accept:()=>gtag("consent","update",{ad_storage:"granted",ad_user_data:"granted",analytics_storage:"granted"})}`);
const gppInUs = scripts.iab_gpp + inPage(`gppCmp.setApplicableSections([7]);
  gppCmp.setFieldValueBySectionId(7, "SaleOptOut", 2); gppCmp.setSignalStatus("ready"); gppCmp.fireSectionChange("usnat");`);

/** [platform, the page where nobody has acted, whether its banner can be accepted there] */
const kImplied = [
  ["cookieyes", scripts.cookieyes.replace('"gdpr"', '"ccpa"').replaceAll("false", "true").replace("isUserActionCompleted: true", "isUserActionCompleted: false"), true],
  ["cookiebot", scripts.cookiebot.replaceAll("statistics: false, marketing: false, method: null", 'statistics: true, marketing: true, method: "implied"'), true],
  ["termly", scripts.termly.replace("analytics: false, advertising: false", "analytics: true, advertising: true"), true],
  ["complianz", scripts.complianz.replace('["functional"]', '["functional", "statistics", "marketing"]'), true],
  ["shopify", scripts.shopify.replace('said == "yes"', 'said != "no"'), true],
  ["wp_consent_api", scripts.wp_consent_api + inPage('banner.define("optout")'), true],
  ["didomi", scripts.didomi.replace("isConsentRequired: () => true", "isConsentRequired: () => false") + inPage("banner.accept()")],
  ["google_consent_mode", gtagDefault, true],
  ["iab_gpp", gppInUs],
  ["iab_usp", usp],
];

for (const [name, before, canAct] of kImplied)
  test(`${name}: a yes without an act is told as implied${canAct ? ", the act after it as a choice" : ""}`, async () => {
    stage.before = before;
    const page = await open(visitor, stage.shop + kAd);
    await granted(page);
    await until("a receipt", () => receipts().length);
    const told = () => receipts().map(({ platform, basis, consent: { s, m } }) => [platform, basis, s, m]);
    assert.deepEqual(told(), [[name, "implied", 1, 1]]);
    if (!canAct) return;
    await accept(page);
    await until("the choice", () => receipts().length > 1);
    await accept(page);
    await pause(600);
    assert.deepEqual(told().slice(1), [[name, undefined, 1, 1]]);
  });

test("a choice is told as one, and not once more as implied by a later page", async () => {
  stage.before = scripts.termly;
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await accept(page);
  await until("a receipt", () => receipts().length);
  stage.before = scripts.termly + inPage("Object.assign(Termly.getConsentState(), { analytics: true, advertising: true })");
  await page.goto(stage.shop + "/next");
  await granted(page);
  await followed(page);
  assert.deepEqual(receipts().map(({ platform, basis }) => [platform, basis]), [["termly", undefined]]);
});

test("a yes by country is implied too", async () => {
  Object.assign(stage, { attributes: 'data-consent="auto" data-consent-default="region"', region: "granted" });
  await granted(await open(visitor, stage.shop + kAd));
  await until("a receipt", () => receipts().length);
  assert.deepEqual(receipts().map(({ platform, basis }) => [platform, basis]), [["region_default", "implied"]]);
});
