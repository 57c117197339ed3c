// SPDX-License-Identifier: Apache-2.0
// data-debug: the panel in the page, under a strict policy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, open, pause, until } from "./stage.mjs";
import { kAd, stage, visitor } from "./visiting.mjs";

const strict = () => `default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'`;
const shown = (page) => page.evaluate(() => {
  const root = document.querySelector("throughline-debug")?.shadowRoot;
  if (!root) return null;
  const texts = (selector) => [...root.querySelectorAll(selector)].map(({ textContent }) => textContent);
  const facts = Object.fromEntries(texts("dt").map((name, i) => [name, texts("dd")[i]]));
  const rows = [...root.querySelector("ol").children].map(({ children: [name, verdict] }) => [name.textContent, verdict.textContent]);
  return { facts, rows, width: Math.round(root.querySelector("section").getBoundingClientRect().width) };
});

test("the panel shows consent, ids, touches and the server's verdict on each event, and closes", async () => {
  stage.csp = strict();
  stage.attributes = 'data-consent="manual" data-debug';
  stage.respond = (text) => ({ status: 202, answer: { token: "t", rejected: text.includes('"odd"') ? [{ index: 0, code: "bad_name" }] : [] } });
  const page = await open(visitor, stage.shop + kAd);
  await until("the panel", async () => (await shown(page))?.facts.storage);
  const { facts, rows, width } = await shown(page);
  assert.deepEqual([facts.storage, facts.session, rows, width], ["unknown", "none", [], 340]);

  await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }));
  await page.evaluate(() => Throughline.flush());
  await page.evaluate(() => Throughline.track("odd"));
  await until("the verdicts", async () => (await shown(page)).rows.every(([, verdict]) => verdict != "on its way") && (await shown(page)).rows.length == 2);
  const later = await shown(page);
  const [anonymousId, sessionId] = await ids(page);
  assert.deepEqual(later.rows, [["odd", "rejected: bad_name"], ["page_view", "accepted"]]);
  assert.deepEqual([later.facts.marketing, later.facts.visitor, later.facts.session], ["granted", anonymousId, sessionId]);
  assert.match(later.facts["last touch"], /source: google.*gclid: Abc-123/);
  if (process.env.TL_SHOTS) await page.screenshot({ path: `${process.env.TL_SHOTS}/debug.png` });

  await page.getByRole("button", { name: "Close" }).click();
  assert.equal(await shown(page), null);
  assert.deepEqual(page.errors, []);
});

test("debug(false) takes the panel away, debug() brings it back", async () => {
  const page = await open(visitor, stage.shop + "/");
  for (const isOn of [true, false, true]) {
    await page.evaluate((isOn) => Throughline.debug(isOn), isOn);
    await until(`the panel ${isOn}`, async () => !!(await shown(page)) == isOn);
  }
  await page.evaluate(() => { for (let i = 0; i < 40; i++) Throughline.track("many"); });
  await page.evaluate(() => Throughline.flush());
  await until("the verdicts", async () => (await shown(page)).rows.every(([, verdict]) => verdict == "accepted"));
  assert.equal((await shown(page)).rows.length, 30);
  assert.deepEqual(page.errors, []);
});

test("without data-debug there is no panel and no file for it", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pause(700);
  assert.equal(await shown(page), null);
  assert.ok(!stage.asked.some(({ path }) => path.endsWith(".d.js")));
});
