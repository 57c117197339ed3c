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
  const notes = [...root.querySelectorAll("ol")[1].children].map(({ textContent }) => textContent);
  return { facts, rows, notes, width: Math.round(root.querySelector("section").getBoundingClientRect().width) };
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

test("a refused event's code is not its neighbours'", async () => {
  stage.attributes = 'data-consent="granted" data-debug';
  stage.flags = "unverified, bad_event_name";
  stage.respond = (text) => ({ status: 202, answer: { token: "t", rejected: JSON.parse(text).e?.[1] ? [{ index: 1, code: "bad_event_name" }] : [] } });
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => ["good", "odd"].forEach((name) => Throughline.track(name)));
  await until("the verdicts", async () => (await shown(page))?.rows.filter(([, verdict]) => verdict != "on its way").length == 3);

  assert.deepEqual((await shown(page)).rows.slice(0, 2), [["odd", "rejected: bad_event_name"], ["good", "accepted, unverified"]]);
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

const kDebug = 'data-consent="granted" data-debug';
const noted = (page, words) => until(`a note: ${words}`, async () => (await shown(page))?.notes.some((note) => note.includes(words)));
const rows = async (page) => (await shown(page))?.rows;

test("without WebAssembly each event has one row, with its verdict", async () => {
  await visitor.addInitScript(() => delete window.WebAssembly);
  stage.attributes = kDebug;
  stage.respond = () => ({ status: 202, answer: { token: "t", anonymous_id: "01890000-0000-7000-8000-000000000001", session_id: "01890000-0000-7000-8000-000000000002" } });
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => Throughline.track("second"));
  await until("the verdicts", async () => (await rows(page))?.length >= 2 && (await rows(page)).every(([, verdict]) => verdict == "accepted"));
  assert.deepEqual((await rows(page)).map(([name]) => name), ["second", "page_view"]);
  await noted(page, "no WebAssembly");
});

test("while the endpoint is down events are shown as not answered, then with their verdict", async () => {
  let isDown = true;
  stage.attributes = kDebug;
  stage.respond = () => (isDown ? { status: 0 } : { status: 202, answer: { token: "t" } });
  const page = await open(visitor, stage.shop + "/");
  await until("no answer", async () => (await rows(page))?.[0]?.[1] == "no answer, will try again");
  assert.deepEqual(await rows(page), [["page_view", "no answer, will try again"]]);
  isDown = false;
  await until("the verdict", async () => (await rows(page))[0][1] == "accepted");
  assert.equal((await rows(page)).length, 1);
});

test("a refusal shows what becomes of what waited, and the coarse count with its verdict", async () => {
  stage.attributes = 'data-consent="manual" data-debug';
  const page = await open(visitor, stage.shop + "/");
  await until("the panel", () => shown(page));
  await page.evaluate(() => Throughline.consent({ storage: false }));
  await until("the count", async () => (await rows(page))[0]?.[1] == "accepted");
  assert.deepEqual(await rows(page), [["page_view (coarse count)", "accepted"]]);
  assert.equal((await shown(page)).facts.storage, "denied");
});

test("a coarse count that the endpoint never answers is not on its way for ever", async () => {
  stage.attributes = 'data-consent="denied" data-debug';
  stage.respond = () => ({ status: 0 });
  const page = await open(visitor, stage.shop + "/");
  await until("the row", async () => (await rows(page))?.[0]?.[1] == "no answer, not counted");
});

test("a tag without data-site says so, and throws nothing", async () => {
  const told = [];
  visitor.on("console", (message) => told.push(message.text()));
  await visitor.route("**/bare", (route) => route.fulfill({ contentType: "text/html", body: `<title>bare</title><body><script src="/throughline.js" data-debug></script>` }));
  const page = await open(visitor, stage.shop + "/bare");
  await noted(page, "site and key are needed");
  assert.match(told[0], /site and key are needed/);
  assert.deepEqual([await ids(page), stage.requests, page.errors], [[null, null], [], []]);
  await page.evaluate(() => Throughline.init({ site: "demo", key: "wk_demo", consent: "granted" }));
  await until("the view", () => stage.events("page_view").length);
});

for (const [what, words, hamper] of [
  ["storage that is full", "storage takes nothing", () => (Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); })],
  ["storage that is blocked", "storage is blocked (SecurityError", () => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } })],
  ["crypto that is missing", "crypto is missing", () => Object.defineProperty(window, "crypto", { value: undefined })],
])
  test(`${what}: the SDK starts, has ids, and says so`, async () => {
    await visitor.addInitScript(hamper);
    stage.attributes = kDebug;
    const page = await open(visitor, stage.shop + "/");
    await until("the view", () => stage.events("page_view").length);
    await noted(page, words);
    const [anonymousId, sessionId] = await ids(page);
    assert.ok(anonymousId && sessionId);
    assert.deepEqual(page.errors, []);
  });

test("a clock that jumps back is told, with the session that follows", async () => {
  stage.attributes = kDebug;
  const page = await open(visitor, stage.shop + "/");
  await until("the row", async () => (await rows(page))?.length == 1);
  await page.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() - 7_200_000;
    Throughline.track("later");
  });
  await noted(page, "jumped by -7200 s");
  await until("the event", () => stage.events("later").length);
  assert.equal(stage.events("later")[0].why, "clock");
});
