// SPDX-License-Identifier: Apache-2.0
// Who the visitor is: resets, tokens, the server's cookies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, ids, open, until } from "./stage.mjs";
import { kAd, pageViews, stage, visitor } from "./visiting.mjs";

test("reset makes a new visitor", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  const before = await ids(page);
  await page.evaluate(() => Throughline.reset());
  assert.deepEqual(await ids(page), [null, null]);
  await page.evaluate(() => Throughline.track("new_one"));
  const now = await ids(page);
  assert.notEqual(now[0], before[0]);
  assert.notEqual(now[1], before[1]);
});

test("a reset is told with every batch until the server has heard of it, also by a later page", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  assert.equal(stage.batches()[0].rs, undefined);
  stage.respond = (text) =>
    text.includes("/next") ? { status: 202, answer: { token: "token-2" } } : { status: 503 };
  await page.evaluate(() => Throughline.reset());
  await page.evaluate(() => Throughline.track("unheard"));
  await until("a try", () => stage.events("unheard").length);
  await page.goto(stage.shop + "/next");
  await until("the token", async () => stage.batches().some(({ e }) => e.some(({ ev }) => ev.u.endsWith("/next"))));
  await page.evaluate(() => Throughline.track("after"));
  await until("a later one", () => stage.events("after").length);

  const flags = (name) => stage.batches().filter(({ e }) => e.some(({ n }) => n == name)).map(({ rs }) => rs);
  assert.ok(flags("unheard").every((flag) => flag === 1));
  assert.deepEqual(flags("after"), [undefined]);
});

test("a refusal right after a reset is not told by the former visitor's cookie", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.flush());
  await page.evaluate(() => {
    Throughline.reset();
    Throughline.consent({ storage: false });
  });
  await until("the refusal", () => stage.requests.some(({ path }) => path == "/api/consent"));
  const { body } = stage.requests.find(({ path }) => path == "/api/consent");
  assert.deepEqual([body.rs, body.token, body.anonymous_id], [1, "", null]);
});

test("a page that is left before its first answer gets its token on the next one, by its first nonce", async () => {
  stage.attributes += ` data-endpoint="${stage.elsewhere}"`;
  stage.respond = (text) =>
    text.includes("/two") || text.includes("u1")
      ? { status: 202, answer: JSON.parse(text).pf ? { token: "token-1" } : {} }
      : { status: 0 };
  const page = await open(visitor, stage.shop + kAd);
  await until("an id", async () => (await deviceOf(page)).local["tl.demo"]);
  await page.goto(stage.shop + "/two");
  await page.evaluate(() => Throughline.identify({ userId: "u1" }));
  await until("the claim", () => stage.requests.some(({ path }) => path == "/api/identify"));

  const [batch] = stage.batches();
  assert.match(batch.pf, /^[0-9a-f]{32}$/);
  assert.notEqual(batch.pf, batch.pn);
  assert.ok(stage.events().some(({ pn }) => pn == batch.pf), "the nonce of the page where the id began");
  assert.equal(stage.requests.find(({ path }) => path == "/api/identify").body.token, "token-1");
  await page.evaluate(() => Throughline.track("proven"));
  await until("the event", () => stage.events("proven").length);
  assert.equal(stage.batches().at(-1).pf, undefined);
});

test("the channel of a touch is the server's word", async () => {
  stage.respond = (text) => ({
    status: 202,
    answer: { channels: Object.fromEntries((JSON.parse(text).e ?? []).filter(({ touch }) => touch).map(({ t }) => [t, "paid_search"])) },
  });
  const page = await open(visitor, stage.shop + kAd);
  await until("the channel", () => page.evaluate(() => Throughline.getAttribution().last?.channel == "paid_search"));
  const { first, last } = await page.evaluate(() => Throughline.getAttribution());
  assert.deepEqual(first, last);
});

test("an older id from the server's cookie is taken by the next session", async () => {
  const older = "01900000-0000-7000-8000-000000000001";
  stage.respond = (text) => ({ status: 202, answer: { token: "t", anonymous_id: older, session_id: JSON.parse(text).e?.[0].sid } });
  const page = await open(visitor, stage.shop + "/");
  await until("the answer is noted", async () => (await deviceOf(page)).local["tl_at.demo"]?.includes(older));
  const before = await ids(page);
  await page.evaluate(() => Throughline.track("still"));
  assert.deepEqual(await ids(page), before);
  await page.goto(stage.shop + "/?utm_source=new");
  const now = await ids(page);
  assert.equal(now[0], older);
  assert.notEqual(now[1], before[1]);
});

test("the server's cookie brings the session back when storage was emptied", async () => {
  const page = await open(visitor, stage.shop + "/");
  const before = await ids(page);
  await page.evaluate(() => {
    document.cookie = "tl.demo=" + localStorage["tl.demo"] + ";path=/";
    localStorage.clear();
  });
  await page.goto(stage.shop + "/two");
  assert.deepEqual(await ids(page), before);
});
