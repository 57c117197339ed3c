// SPDX-License-Identifier: Apache-2.0
// data-consent="auto" in Chromium, for every consent platform: what the device holds and what leaves
// before a choice, after a grant, after it is taken back, and after a refusal.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { accept, calls, events, followed, granted, kAd, kNoIds, ours, receiptName, receipts, refuse, scripts } from "./following.mjs";
import { ids, open, pause, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

beforeEach(() => (stage.attributes = 'data-consent="auto"'));

for (const name of Object.keys(scripts)) {
  test(`${name}: nothing while unknown, one session on accepting, nothing left after taking it back`, async () => {
    stage.before = scripts[name];
    const page = await open(visitor, stage.shop + kAd);
    await page.evaluate(() => Throughline.track("played"));
    await followed(page);
    assert.deepEqual([await ids(page), await ours(page), calls()], [kNoIds, {}, []]);

    await accept(page);
    await granted(page);
    const [anonymousId, sessionId] = await ids(page);
    await accept(page); // said again
    await page.evaluate(() => Throughline.track("later"));
    await until("the events", () => stage.events("later").length);
    await until("a receipt", () => receipts().length);
    assert.deepEqual(await ids(page), [anonymousId, sessionId]);
    assert.deepEqual(events().map(({ n, sid, c }) => [n, sid, c.s, c.m]), ["page_view", "played", "later"].map((n) => [n, sessionId, 1, 1]));
    assert.equal(events()[0].touch.gclid, "Abc-123");
    assert.deepEqual(receipts().map(({ platform, consent: { s, m } }) => [platform, s, m]), [[receiptName(name), 1, 1]]);

    stage.requests.length = 0;
    await refuse(page);
    await until("it is gone", async () => (await ids(page))[1] === null);
    await page.evaluate(() => Throughline.track("afterwards"));
    await until("the withdrawal", () => receipts().length);
    await until("its answer", async () => (await ours(page))["tl_consent.demo"] == '{"s":0,"m":0}');
    await page.goto("about:blank");
    const [withdrawal] = receipts();
    assert.deepEqual([withdrawal.platform, withdrawal.consent.s, withdrawal.anonymous_id, withdrawal.token], [receiptName(name), 0, anonymousId, "token-1"]);
    assert.deepEqual(events(), []);
    await page.goto(stage.shop + "/plain");
    assert.deepEqual(await ours(page), { "tl_consent.demo": '{"s":0,"m":0}' });
    assert.deepEqual(page.errors, []);
  });

  test(`${name}: a refusal leaves one coarse count and no id`, async () => {
    stage.before = scripts[name];
    const page = await open(visitor, stage.shop + kAd);
    await followed(page);
    await refuse(page);
    await until("the count", () => stage.batches().length);
    await refuse(page);
    await pause(200);
    const counts = stage.batches();
    assert.equal(counts.length, 1);
    assert.deepEqual(Object.keys(counts[0].e[0]).sort(), ["an", "c", "n", "seq", "t"]);
    assert.equal(counts[0].tok, undefined);
    assert.ok(!JSON.stringify(stage.requests.map(({ body }) => body)).includes("Abc-123"));
    assert.deepEqual([await ids(page), await ours(page)], [kNoIds, { "tl_consent.demo": '{"s":0,"m":0}' }]);
  });
}

test("a choice of an earlier page is followed without a click", async () => {
  stage.before = scripts["vanilla-cookieconsent"];
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await accept(page);
  await granted(page);
  const before = await ids(page);
  await page.goto(stage.shop + "/next");
  await granted(page);
  assert.deepEqual(await ids(page), before);
  await until("a receipt", () => receipts().length);
  assert.equal(receipts()[0].text_version, "3");
});

for (const name of ["osano", "cookiebot", "iab_tcf"])
  test(`${name} that comes after the last look is found by the click on its banner or its event`, async () => {
    stage.attributes += ' data-consent-wait="100"';
    const page = await open(visitor, stage.shop + kAd);
    await followed(page);
    await page.evaluate((html) => {
      const script = document.createElement("script");
      script.textContent = html.replace(/^<script>|<.script>$/g, "");
      document.head.append(script);
      document.body.append(Object.assign(document.createElement("button"), { id: "yes", onclick: () => banner.accept() }));
    }, scripts[name]);
    assert.deepEqual(await ids(page), kNoIds);
    await page.evaluate(() => document.querySelector("#yes").click());
    await granted(page);
  });

test("a banner beats the frameworks that it also serves", async () => {
  stage.before = scripts.google_consent_mode + scripts.cookiebot.replace("window.banner", "window.cookiebotBanner");
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => banner.accept()); // consent mode alone
  await followed(page);
  assert.deepEqual(await ids(page), kNoIds);
  await page.evaluate(() => cookiebotBanner.accept());
  await granted(page);
  await until("a receipt", () => receipts().length);
  assert.equal(receipts()[0].platform, "cookiebot");
});

test("consent mode defaults: granted everywhere is an opt-out site, granted beside a regional denial is not", async () => {
  const gtag = "window.dataLayer=[];function gtag(){dataLayer.push(arguments)}";
  const all = "{ad_storage:'granted',analytics_storage:'granted'}";
  stage.before = `<script>${gtag};gtag('consent','default',${all})</script>`;
  const page = await open(visitor, stage.shop + "/");
  await granted(page);
  await visitor.clearCookies();
  const other = await (await stage.visitor()).newPage();
  stage.before = `<script>${gtag};gtag('consent','default',${all});gtag('consent','default',{ad_storage:'denied',analytics_storage:'denied',region:['DE']})</script>`;
  await other.goto(stage.shop + "/");
  await followed(other);
  assert.deepEqual(await ids(other), kNoIds);
  await other.context().close();
});

test("United States sections of GPP: measured until opted out, which ends marketing only", async () => {
  stage.before = scripts.iab_gpp + `<script>
    gppCmp.setApplicableSections([7]);
    window.say = (value) => { gppCmp.setFieldValueBySectionId(7, "SaleOptOut", value); gppCmp.setSignalStatus("ready"); gppCmp.fireSectionChange("usnat"); };
  </script>`;
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  assert.deepEqual(await ids(page), kNoIds);
  await page.evaluate(() => say(2));
  await granted(page);
  const before = await ids(page);
  await page.evaluate(() => say(1));
  await page.evaluate(() => Throughline.track("sold_out"));
  await until("the event", () => stage.events("sold_out").length);
  assert.deepEqual(stage.events("sold_out")[0].c, { s: 1, m: 0, o: 1 });
  assert.deepEqual(await ids(page), before);
});

test("the older US Privacy string is read too", async () => {
  stage.before = `<script>window.usp="1YYN";window.__uspapi=(command,version,answer)=>answer({version:1,uspString:window.usp},true)</script>`;
  const page = await open(visitor, stage.shop + kAd);
  await granted(page);
  await until("the view", () => stage.events("page_view").length);
  assert.deepEqual(stage.events("page_view")[0].c, { s: 1, m: 0, o: 1 });
});

test("Global Privacy Control denies marketing whatever the banner says", async () => {
  await visitor.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
  stage.before = scripts.cookieyes;
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await accept(page);
  await until("the view", () => stage.events("page_view").length);
  assert.deepEqual(stage.events("page_view")[0].c, { o: 1, s: 1, m: 1 });
  assert.ok(!JSON.stringify(stage.requests.map(({ body }) => body)).includes("Abc-123"));
});

test("Do Not Track refuses where the site honours it", async () => {
  await visitor.addInitScript(() => Object.defineProperty(navigator, "doNotTrack", { value: "1" }));
  stage.attributes += ' data-respect-dnt="true"';
  stage.before = scripts.cookiebot;
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await accept(page);
  await until("the count", () => stage.batches().length);
  assert.deepEqual(await ids(page), kNoIds);
});

test("categories of other names are the site's to map; one that the site does not have is open", async () => {
  stage.attributes += ' data-storage-category="P2" data-marketing-category="P9"';
  stage.before = scripts.onetrust.replaceAll("C0002", "P2").replaceAll("C0004", "P4");
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await accept(page);
  await until("the view", () => stage.events("page_view").length);
  assert.deepEqual(stage.events("page_view")[0].c, { s: 1 });
});

test("onetrust: accepting all groups of other names is no refusal", async () => {
  stage.before = scripts.onetrust.replaceAll("C0002", "C0007").replaceAll("C0004", "C0008");
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await accept(page);
  await pause(700);
  assert.deepEqual(await page.evaluate(() => Throughline.consent()), { storage: null, marketing: null });
  assert.deepEqual([await ids(page), await ours(page), calls()], [kNoIds, {}, []]);
});

test("complianz: its anonymous statistics are no consent to ids", async () => {
  stage.before = scripts.complianz + `<script>
    const has = cmplz_has_consent;
    window.cmplz_has_consent = (category) => category == "statistics-anonymous" || has(category);
  </script>`;
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  assert.deepEqual([await ids(page), await ours(page), calls()], [kNoIds, {}, []]);
  await refuse(page);
  await until("the refusal", () => page.evaluate(() => Throughline.consent().storage === false));
  assert.deepEqual([await ids(page), events()], [kNoIds, []]);
});

test("a refusal in one tab does not silence the banner of the other", async () => {
  stage.before = scripts.cookiebot;
  const one = await open(visitor, stage.shop + kAd);
  const two = await open(visitor, stage.shop + "/two");
  await followed(two);
  await accept(two);
  await granted(two);
  await accept(one);
  await refuse(one);
  await until("the other tab", async () => (await ids(two))[1] === null);
  await refuse(two);
  await accept(two);
  await granted(two);
});

test("iubenda's own callbacks are still called", async () => {
  stage.before = scripts.iubenda;
  const page = await open(visitor, stage.shop + "/");
  await followed(page);
  await accept(page);
  await granted(page);
  assert.equal(await page.evaluate(() => window.heardByPage), 1);
});

test("a platform whose interface throws breaks nothing", async () => {
  stage.before = `<script>Object.defineProperty(window,"Cookiebot",{get(){throw new Error("its own")}});window.__tcfapi=()=>{throw new Error("too")}</script>` + scripts.complianz;
  const page = await open(visitor, stage.shop + "/");
  await followed(page);
  await accept(page);
  await granted(page);
  assert.deepEqual(page.errors, []);
});

const kByRegion = 'data-consent="auto" data-consent-default="region"';

test("region: a country with opt-out permits, as the server says; a banner's later refusal is followed", async () => {
  Object.assign(stage, { attributes: kByRegion, region: "granted", before: scripts.cookieyes });
  const page = await open(visitor, stage.shop + kAd);
  await granted(page);
  await until("a receipt", () => receipts().length);
  assert.deepEqual(receipts().map(({ platform, consent: { s, m } }) => [platform, s, m]), [["region_default", 1, 1]]);
  assert.deepEqual(events().map(({ n, touch }) => [n, touch.gclid]), [["page_view", "Abc-123"]]);
  await followed(page);
  await refuse(page);
  await until("it is gone", async () => (await ids(page))[1] === null);
  assert.deepEqual(Object.keys(await ours(page)), ["tl_consent.demo"]);

  await page.reload();
  await followed(page);
  assert.deepEqual(await ids(page), kNoIds, "a refusal stays one, whatever the country");
});

for (const region of ["denied", undefined])
  test(`region: ${region ?? "no answer"} is the strict default`, async () => {
    Object.assign(stage, { attributes: kByRegion, region });
    const page = await open(visitor, stage.shop + kAd);
    await followed(page);
    assert.deepEqual([await ids(page), await ours(page), calls()], [kNoIds, {}, ["GET /api/region"]]);
  });

test("region: what the page said meanwhile is not undone", async () => {
  Object.assign(stage, { attributes: kByRegion, region: "granted", html: "<script>Throughline.consent({ storage: false })</script>" });
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  assert.deepEqual(await ids(page), kNoIds);
});
