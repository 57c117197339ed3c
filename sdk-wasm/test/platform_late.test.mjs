// SPDX-License-Identifier: Apache-2.0
// data-consent="auto" with a platform that comes after the close looks, with a choice that an earlier page has
// stored: no click, and no event of its own tells of it. All platforms at once, each with a visitor of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kAd, kNoIds, scripts } from "./following.mjs";
import { ids, open, pause, until } from "./stage.mjs";
import { stage } from "./visiting.mjs";

/** Puts the stand-in with its choice into the page, as silent as a platform that has nothing new to tell. */
const arrive = (page, html, choice) =>
  page.evaluate(({ text, choice }) => {
    const ready = (name, act) => name == "DOMContentLoaded" && act();
    const dispatch = EventTarget.prototype.dispatchEvent;
    const listen = EventTarget.prototype.addEventListener;
    EventTarget.prototype.dispatchEvent = () => true;
    EventTarget.prototype.addEventListener = function (name, act, ...rest) {
      if (!ready(name, act)) listen.call(this, name, act, ...rest);
    };
    for (const one of text) {
      const script = document.createElement("script");
      script.textContent = one;
      document.head.append(script);
    }
    banner[choice]();
    EventTarget.prototype.dispatchEvent = dispatch;
    EventTarget.prototype.addEventListener = listen;
  }, { text: [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text]) => text.replaceAll("<\\/script", "</script")), choice });

const visit = async (name, choice) => {
  const visitor = await stage.visitor();
  const page = await open(visitor, stage.shop + kAd);
  await until("the close looks to be over", () => page.evaluate(() => performance.getEntriesByType("resource").some(({ name, responseEnd }) => name.endsWith(".c.js") && responseEnd && performance.now() > responseEnd + 400)));
  assert.deepEqual(await ids(page), kNoIds);
  await arrive(page, scripts[name], choice);
  return { page, close: () => visitor.close() };
};
const followed = async (name, choice, isFollowed) => {
  const { page, close } = await visit(name, choice);
  try {
    await until("it", () => page.evaluate(isFollowed), 5000);
    return page.errors;
  } catch {
    return "not followed";
  } finally {
    await close();
  }
};
const ofAll = async (names, choice, isFollowed) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await followed(name, choice, isFollowed)])));
const everyOne = (names) => Object.fromEntries(names.map((name) => [name, []]));

for (const [choice, isFollowed, names] of [
  ["accept", () => !!Throughline.getSessionId(), Object.keys(scripts)],
  ["refuse", () => Throughline.consent().storage === false, ["didomi", "osano", "klaro", "onetrust", "iab_tcf", "google_consent_mode"]],
])
  test(`${names.length} platforms that come late are followed without a click: ${choice}`, async () => {
    stage.attributes = 'data-consent="auto" data-consent-wait="100"';
    assert.deepEqual(await ofAll(names, choice, isFollowed), everyOne(names));
  });

test("didomi, of which the page has but the list of callbacks, is followed as it becomes ready", async () => {
  Object.assign(stage, { attributes: 'data-consent="auto" data-consent-wait="60000"', before: "<script>window.didomiOnReady = []</script>" });
  const visitor = await stage.visitor();
  const page = await open(visitor, stage.shop + kAd);
  await pause(2600); // the close looks are over, the next is far away
  await page.evaluate((text) => {
    const waiting = window.didomiOnReady;
    (0, eval)(text);
    banner.accept();
    waiting.forEach((ready) => ready(Didomi));
  }, scripts.didomi.replace(/<.?script>/g, ""));
  await until("an id", async () => (await ids(page))[1], 2000);
  await visitor.close();
});

test("a script that loads is looked at as it comes", async () => {
  stage.attributes = 'data-consent="auto" data-consent-wait="60000"';
  const visitor = await stage.visitor();
  await visitor.route("**/platform.js", (route) => route.fulfill({ contentType: "text/javascript", body: scripts.osano.replace(/<.?script>/g, "") + ";EventTarget.prototype.dispatchEvent = () => true; banner.accept()" }));
  const page = await open(visitor, stage.shop + kAd);
  await pause(2600); // the close looks are over, the next is far away
  await page.evaluate(() => document.head.append(Object.assign(document.createElement("script"), { src: "/platform.js" })));
  await until("an id", async () => (await ids(page))[1], 2000);
  await visitor.close();
});
