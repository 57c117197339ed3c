// SPDX-License-Identifier: Apache-2.0
// identify() and consent() whose page goes before the server could hear of them: a later page tells it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, ids, open, pause, until } from "./stage.mjs";
import { pageViews, stage, visitor } from "./visiting.mjs";

const told = (path) => stage.requests.filter((request) => request.path == path).map(({ body }) => body);
const queue = async (page) => JSON.parse((await deviceOf(page)).local["tl_q.demo"] ?? "[]");
/** A page whose first event has been answered, with the token. */
const landed = async () => {
  const page = await open(visitor, stage.shop + "/landing?utm_source=a");
  await pageViews(1);
  await page.evaluate(() => Throughline.flush());
  return page;
};
/** What cannot be told, and so is kept. */
const identify = async (page, email = "a@b.example") => {
  await page.evaluate((email) => Throughline.identify({ email }), email);
  await until("it is kept", async () => (await queue(page)).length);
};
const kBanner = { platform: "own_banner", textVersion: "7" };
const say = (page, choice) => page.evaluate(([choice, by]) => Throughline.consent(choice, by), [choice, kBanner]);

test("a sign-up whose click leads on before the first answer is told by the next page", async () => {
  await visitor.route("**/api/events", async (route) => {
    await pause(800);
    await route.fallback().catch(() => {});
  });
  const page = await visitor.newPage();
  await page.goto(stage.shop + "/landing?utm_source=a");
  const [anonymousId] = await ids(page);
  await page.evaluate(() => {
    Throughline.identify({ email: "a@b.example" });
    Throughline.track("signed_up");
    setTimeout(() => (location.href = "/two"), 50);
  });
  await page.waitForURL("**/two");
  await until("the identification", () => told("/api/identify").length);
  const [{ email, anonymous_id, token }] = told("/api/identify");
  assert.deepEqual([email, anonymous_id, token], ["a@b.example", anonymousId, "token-1"]);
  await until("an empty queue", async () => !(await queue(page)).length);
  await page.goto(stage.shop + "/three");
  await pageViews(3);
  await pause(300);
  assert.equal(told("/api/identify").length, 1);
});

test("who is identified offline is told by the next page, without a token on the device", async () => {
  const page = await landed();
  await visitor.setOffline(true);
  await identify(page);
  assert.doesNotMatch((await deviceOf(page)).local["tl_q.demo"], /token-1/);
  await page.goto("about:blank").catch(() => {});
  await visitor.setOffline(false);
  await page.goto(stage.shop + "/two");
  await until("the identification", () => told("/api/identify").length);
  assert.equal(told("/api/identify")[0].email, "a@b.example");
});

for (const [what, first, then] of [
  ["a yes", undefined, { storage: true, marketing: true }],
  ["taking marketing back", { storage: true, marketing: true }, { storage: true, marketing: false }],
])
  test(`${what} offline has its receipt as of then, though the next page says the same`, async () => {
    stage.attributes = 'data-consent="manual"';
    const page = await open(visitor, stage.shop + "/landing?utm_source=a");
    if (first) {
      await say(page, first);
      await until("the first receipt", () => told("/api/consent").length);
      await page.evaluate(() => Throughline.flush());
    }
    stage.requests.length = 0;
    await visitor.setOffline(true);
    const from = Date.now();
    await say(page, then);
    await until("it is kept", async () => (await queue(page)).some((item) => item.startsWith("/api/consent")));
    const to = Date.now();
    await page.goto("about:blank").catch(() => {});
    await visitor.setOffline(false);
    await page.goto(stage.shop + "/two");
    await say(page, then);
    await until("the receipt", () => told("/api/consent").length);
    await pause(300);
    const all = told("/api/consent");
    assert.equal(all.length, 1);
    const [{ consent, platform, text_version, t, token }] = all;
    assert.deepEqual([consent.m, platform, text_version, token], [+then.marketing, "own_banner", "7", "token-1"]);
    assert.ok(from <= t && t <= to);
  });

test("what was kept goes with a withdrawal", async () => {
  const page = await landed();
  await visitor.setOffline(true);
  await identify(page);
  await page.evaluate(() => Throughline.consent("denied"));
  await page.goto("about:blank").catch(() => {});
  await visitor.setOffline(false);
  stage.requests.length = 0;
  await page.goto(stage.shop + "/two");
  await until("the withdrawal", () => told("/api/consent").length);
  assert.deepEqual(told("/api/identify"), []);
  assert.doesNotMatch(JSON.stringify(await deviceOf(page)), /b\.example/);
});

for (const how of ["offline", "while the server has no answer"])
  test(`what was identified before a reset ${how} is neither kept nor another visitor's`, async () => {
    const page = await landed();
    if (how == "offline") await visitor.setOffline(true);
    else stage.respond = (_, path) => (path == "/api/identify" ? { status: 503 } : { status: 202, answer: { token: "token-1" } });
    await identify(page, "former@b.example");
    await page.evaluate(() => Throughline.reset());
    await page.evaluate(() => Throughline.track("of_the_next"));
    await pause(1500); // a second try
    assert.doesNotMatch(JSON.stringify(await deviceOf(page)), /former@b/);
    await page.goto("about:blank").catch(() => {});
    await visitor.setOffline(false);
    stage.requests.length = 0;
    stage.respond = () => ({ status: 202, answer: { token: "token-2" } });
    await page.goto(stage.shop + "/two");
    await until("the next visitor", () => stage.events("page_view").some(({ ev }) => ev.u.endsWith("/two")));
    await pause(500);
    assert.deepEqual(told("/api/identify"), []);
  });

test("a stored queue that somebody else wrote breaks nothing", async () => {
  await visitor.addInitScript(() => (localStorage["tl_q.demo"] = JSON.stringify(["/api/identify{", "/api/x{}", 7, null, "/{\"a\":", "{}", "/api/identify[]{}"])));
  const page = await open(visitor, stage.shop + "/landing?utm_source=a");
  await page.evaluate(() => Throughline.track("played"));
  await until("the event", () => stage.events("played").length);
  assert.deepEqual(page.errors, []);
});
