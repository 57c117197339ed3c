// SPDX-License-Identifier: Apache-2.0
// data-consent="auto" where the page itself speaks too: its own consent() is the last word of that page load,
// whenever it comes and whatever choice the platform has stored.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { accept, events, followed, kAd, kNoIds, ours, receipts, refuse, scripts } from "./following.mjs";
import { ids, open, pause, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

const kChosen = scripts.cookieyes + "<script>banner.accept()</script>";
const kRefused = scripts.cookieyes + "<script>banner.refuse()</script>";
const before = (call) => `<script>Throughline.q.push(["consent", ${call}])</script>`;
const rightAfter = (call) => `<script>Throughline.consent(${call})</script>`;
const refusal = "{ storage: false, marketing: false }";

beforeEach(() => (stage.attributes = 'data-consent="auto"'));

for (const [when, where] of [
  ["before the script has come", { before: before(refusal) + kChosen }],
  ["in the statement after it", { before: kChosen, html: rightAfter(refusal) }],
  ["for storage alone", { before: kChosen, html: rightAfter("{ storage: false }") }],
])
  test(`the page's no beats a platform's stored yes: ${when}`, async () => {
    Object.assign(stage, where);
    const page = await open(visitor, stage.shop + kAd);
    await followed(page);
    await accept(page);
    await pause(700);
    assert.deepEqual([await ids(page), events()], [kNoIds, []]);
    assert.deepEqual(receipts().map(({ platform, consent: { s } }) => [platform, s]), [["api", 0]]);
    assert.deepEqual(Object.keys(await ours(page)), ["tl_consent.demo"]);
  });

test("the page's no to marketing alone silences the platform for both purposes", async () => {
  Object.assign(stage, { before: kChosen, html: rightAfter("{ marketing: false }") });
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await pause(300);
  assert.deepEqual(await page.evaluate(() => Throughline.consent()), { storage: null, marketing: false });
  assert.deepEqual([await ids(page), await ours(page), receipts(), events()], [kNoIds, {}, [], []]);
});

test("the page's yes is not undone by a platform's stored no, nor by its banner", async () => {
  Object.assign(stage, { before: kRefused, html: rightAfter("{ storage: true, marketing: true }") });
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  await refuse(page);
  await pause(700);
  assert.ok((await ids(page))[1]);
  await until("a receipt", () => receipts().length);
  assert.deepEqual(receipts().map(({ platform, consent: { s, m } }) => [platform, s, m]), [["api", 1, 1]]);
});

test("what another tab refused is not the page's own word: its platform is followed on", async () => {
  stage.before = scripts.cookieyes;
  const page = await open(visitor, stage.shop + kAd);
  await followed(page);
  const other = await open(visitor, stage.shop + "/plain");
  await other.evaluate(() => localStorage.setItem("tl_consent.demo", '{"s":0,"m":0}'));
  await until("the refusal", () => page.evaluate(() => Throughline.consent().storage === false));
  await accept(page);
  await until("an id", async () => (await ids(page))[1]);
});
