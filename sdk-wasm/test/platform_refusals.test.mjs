// SPDX-License-Identifier: Apache-2.0
// data-consent="auto" where a visitor says yes to one thing and no to another: a yes to something else never
// overrides a no.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { accept, calls, events, followed, granted, kAd, kNoIds, ours, receipts, scripts } from "./following.mjs";
import { ids, open, pause, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

beforeEach(() => (stage.attributes = 'data-consent="auto" data-anonymous-pings="off"'));

const visit = async (name) => {
  stage.before = scripts[name];
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  return page;
};

/** [platform, what is told, what the visitor chose] */
const kRefused = [
  ["klaro", "its service for us declined, analytics accepted", () => banner.save({ throughline: false, analytics: true, ads: true })],
  ["klaro", "analytics declined, performance accepted", () => banner.save({ analytics: false, performance: true, ads: true })],
  ["usercentrics", "analytics refused, functional accepted", () => banner.put(["Counter", "analytics", false], ["Chat", "functional", true], ["Pixel", "marketing", true])],
  ["usercentrics", "our own service refused, its category accepted", () => banner.put(["Throughline", "analytics", false], ["Counter", "functional", true])],
  ["didomi", "storing on the device refused, measuring accepted", () => banner.allBut("cookies")],
  ["didomi", "measuring refused", () => banner.allBut("measure_content_performance")],
];
for (const [name, what, choose] of kRefused)
  test(`${name}: ${what} is a refusal`, async () => {
    const page = await visit(name);
    await page.evaluate(choose);
    await until("it is followed", () => page.evaluate(() => Throughline.consent().storage === false));
    await pause(700);
    assert.deepEqual([await ids(page), events()], [kNoIds, []]);
    assert.deepEqual(Object.keys(await ours(page)), ["tl_consent.demo"]);
  });

test("usercentrics: functional speaks for storage where there is no analytics", async () => {
  const page = await visit("usercentrics");
  await page.evaluate(() => banner.put(["Counter", "functional", true], ["Pixel", "marketing", false]));
  await granted(page);
});

const kWithoutMarketing = [
  ["iab_tcf", "Google not among the vendors", () => banner.say([1, 7, 8], [10])],
  ["iab_gpp", "Google not among the vendors", () => banner.say(true, [10])],
  ["didomi", "measuring of advertising refused", () => banner.allBut("measure_ad_performance")],
  ["klaro", "ads declined", () => banner.save({ analytics: true, ads: false })],
];
for (const [name, what, choose] of kWithoutMarketing)
  test(`${name}: ${what} means no marketing`, async () => {
    const page = await visit(name);
    await page.evaluate(choose);
    await until("the view", () => events().length);
    assert.deepEqual([events()[0].c.s, events()[0].c.m], [1, 0]);
    assert.ok(!JSON.stringify(stage.requests.map(({ body }) => body)).includes("Abc-123"));
  });

test("iubenda: an opt-out of sale counts without any preference", async () => {
  stage.attributes += ' data-consent-default="granted"';
  stage.before = scripts.iubenda.replace("isCcpaOptedOut: () => false", "isCcpaOptedOut: () => true");
  const page = await open(visitor, stage.shop + "/plain-landing");
  await followed(page);
  await page.goto(stage.shop + kAd);
  await followed(page);
  await page.evaluate(() => Throughline.track("after"));
  await until("the event", () => stage.events("after").length);
  const [after] = stage.events("after");
  assert.deepEqual(after.c, { m: 0, o: 1 });
  assert.ok(after.ev.u.includes("gclid=*"));
});

test("wp_consent_api: before any banner has named a type of consent its yes is nobody's", async () => {
  let page = await visit("wp_consent_api");
  assert.equal(await page.evaluate(() => wp_has_consent("statistics")), true);
  assert.deepEqual([await ids(page), await ours(page), calls()], [kNoIds, {}, []]);
  await page.evaluate(() => banner.define("optin"));
  await pause(700);
  assert.deepEqual([await ids(page), calls()], [kNoIds, []]);

  page = await visit("wp_consent_api");
  await page.evaluate(() => banner.define("optout"));
  await granted(page);
});

test("a platform that reloads the page at a withdrawal: the next page tells the same once more, nothing of its own", async () => {
  const page = await visit("cookiebot");
  await accept(page);
  await granted(page);
  await until("a receipt", () => receipts().length);
  stage.requests.length = 0;
  stage.before += "<script>banner.refuse()</script>"; // what it has stored
  const [loaded] = await Promise.all([
    page.waitForEvent("load"),
    page.evaluate(() => { banner.refuse(); location.reload(); }),
  ]);
  await followed(loaded);
  await until("its answer", async () => (await ours(loaded))["tl_consent.demo"] == '{"s":0,"m":0}');
  await pause(300);
  const [{ anonymous_id, ...told }, ...later] = receipts();
  assert.deepEqual([told.platform, told.consent.s, !!anonymous_id], ["cookiebot", 0, true]);
  for (const again of later) assert.deepEqual(again, { ...told, token: "", again: 1 }); // also where a request is tried twice
});
