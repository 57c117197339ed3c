// SPDX-License-Identifier: Apache-2.0
// How events get out of a page: failing endpoints, leaving, large batches, broken storage.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, ids, open, pause, until } from "./stage.mjs";
import { kAd, pageViews, stage, visitor } from "./visiting.mjs";

const kUuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a failing endpoint breaks nothing; the events arrive later, once each", async () => {
  stage.respond = () => ({ status: 0 });
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => Throughline.track("while_down"));
  await until("the queue is kept", async () => JSON.parse((await deviceOf(page)).local["tl_q.demo"] ?? "[]").length >= 1);
  stage.respond = () => ({ status: 503 });
  await until("a 503", () => stage.requests.some(() => true));
  stage.requests.length = 0;
  stage.respond = () => ({ status: 202, answer: { token: "t" } });
  await until("both events", () => stage.events("while_down").length);
  await until("an empty queue", async () => (await deviceOf(page)).local["tl_q.demo"] === undefined);

  assert.deepEqual(stage.events().map(({ n }) => n), ["page_view", "while_down"]);
  assert.deepEqual(page.errors, []);
});

test("another page sends what this one could not", async () => {
  stage.respond = () => ({ status: 0 });
  const page = await open(visitor, stage.shop + "/first");
  await until("the queue is kept", async () => (await deviceOf(page)).local["tl_q.demo"]);
  await page.goto("about:blank");
  stage.respond = () => ({ status: 202, answer: {} });
  await open(visitor, stage.shop + "/second");
  await until("both pages", () => new Set(stage.events("page_view").map(({ ev }) => new URL(ev.u).pathname)).size == 2);

  const first = stage.events("page_view").find(({ ev }) => ev.u.endsWith("/first"));
  assert.match(first.pn, /^[0-9a-f]{32}$/);
  assert.notEqual(first.pn, stage.batches()[0].pn);
});

test("a refused batch is dropped, not repeated", async () => {
  stage.respond = () => ({ status: 400, answer: { error: { code: "bad" } } });
  const page = await open(visitor, stage.shop + "/");
  await until("the answer", () => stage.requests.length);
  await pause(2500);
  assert.equal(stage.requests.length, 1);
  assert.equal((await deviceOf(page)).local["tl_q.demo"], undefined);
});

test("leaving the page sends its last events by beacon", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.flush()); // the answer is there: what comes now waits for 900 ms
  await page.evaluate(() => { // at once: what waits for 900 ms leaves without the page
    Throughline.track("last_words");
    location.assign("about:blank");
  });
  await until("the beacon", () => stage.events("page_leave").length);
  assert.deepEqual(stage.batches().at(-1).e.map(({ n }) => n), ["last_words", "page_leave"]);
});

test("requests outlive the page, but for those that browsers would refuse and repeats", async () => {
  stage.before = `<script>
    const send = window.fetch;
    window.asked = [];
    window.fetch = (...request) => (asked.push(new Request(...request).keepalive), send(...request));
  </script>`;
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.track("small") && Throughline.flush());
  await page.evaluate(() => { // a page may have 64 KiB of them under way
    Throughline.track("large", { text: "x".repeat(60_000) });
    return Throughline.flush();
  });
  assert.deepEqual(await page.evaluate(() => asked), [true, true, false]);
  stage.respond = () => ({ status: 503 });
  await page.evaluate(() => Throughline.track("in_trouble") && Throughline.flush());
  await until("a second try", () => page.evaluate(() => asked.length >= 5));
  assert.deepEqual(await page.evaluate(() => asked.slice(3, 5)), [true, false]);
});

test("more than fifty events travel in several batches", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => {
    for (let i = 0; i < 120; i++) Throughline.track("many", { i, text: "x".repeat(900) });
    return Throughline.flush();
  });
  assert.equal(stage.events("many").length, 120);
  for (const batch of stage.batches()) {
    assert.ok(batch.e.length <= 50);
    assert.ok(Buffer.byteLength(JSON.stringify(batch)) <= 64 * 1024);
  }
});

test("hostile properties never break the batch or the page", async () => {
  const page = await open(visitor, stage.shop + "/");
  const answers = await page.evaluate(() => {
    const circle = {};
    circle.self = circle;
    return [
      Throughline.track("circle", circle),
      Throughline.track("lone", { text: "a\ud800b", path: "\\ud800", nul: "\0" }),
      Throughline.track("a\0b"),
      Throughline.video(null), Throughline.decorateCheckout(7), Throughline.identify(null), Throughline.campaign(null),
    ];
  });
  await until("the event", () => stage.events("lone").length);
  assert.equal(answers[0], null);
  assert.deepEqual(stage.events("lone")[0].p, { text: "a\ufffdb", path: "\\ud800", nul: "\0" });
  assert.deepEqual(page.errors, []);
});

test("storage that throws leaves a working page and one session in memory", async () => {
  await visitor.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get: () => { throw new Error("no"); } });
    Object.defineProperty(document, "cookie", { get: () => { throw new Error("no"); } });
  });
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => Throughline.track("x"));
  await until("the event", () => stage.events("x").length);
  assert.equal(new Set(stage.events().map(({ sid }) => sid)).size, 1);
  assert.deepEqual(page.errors, []);
});

test("a frozen page is left alone", async () => {
  stage.before = "<script>Object.freeze(history);Object.freeze(window.Throughline);delete window.fetch;window.fetch=()=>{throw 1}</script>";
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => history.pushState({}, "", "/x"));
  assert.match((await ids(page))[1], kUuid7);
  assert.deepEqual(page.errors, []);
});
