// SPDX-License-Identifier: Apache-2.0
// When things fail: the script is blocked, the endpoint is down, the page's policy forbids WebAssembly, the
// server dies. Nothing breaks on the page, and what may arrive later arrives, once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./report_client.mjs";
import { openStage } from "./opened_stage.mjs";
import { startStage } from "./stage.mjs";
import { AD, newVisitor, newVisitorOfAd } from "./visitor.mjs";

const { stage, browser } = await openStage();

const named = (session, name) => session.events.filter((event) => event.name === name);
const stored = (at, id, check = () => true) => until(async () => {
  const session = await at.reports.session(id).catch(() => null);
  return session && check(session) && session;
}, `session ${id}`, 30_000);

test("with the script blocked, every page works and the donation goes through", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.context.route(`${stage.server}/throughline.js`, (route) => route.abort("blockedbyclient"));
  await visitor.page.goto(`${stage.site}/${AD}`);
  assert.equal(await visitor.hasBanner(), false);
  await visitor.page.click("[data-campaign=keep-the-lamp]");
  await visitor.page.waitForURL(/donate/);
  await visitor.donate({ amount: 33, email: "keeper@example.org" });
  await visitor.page.fill("input[name=name]", "Sea Keeper");
  await visitor.page.click("button.primary");
  await visitor.page.waitForURL(/thanks/);
  await visitor.reference();
  assert.deepEqual(visitor.errors, []);
  await visitor.close();
});

test("with the endpoint failing, calls answer as always and the events arrive when it is back, once", async () => {
  const visitor = await newVisitor(browser, stage);
  let isDown = true, refused = 0;
  await visitor.context.route(`${stage.server}/api/**`, (route) => {
    if (!isDown) return route.continue();
    refused++;
    return refused % 2 ? route.abort("connectionrefused") : route.fulfill({ status: 503, body: "{}" });
  });
  await visitor.open(`/${AD}`);
  await visitor.accept();
  const { sessionId } = await visitor.ids();
  const eventId = await visitor.call("track", "during_trouble");
  await visitor.flush();
  await until(() => refused >= 2, "a second try");
  assert.ok(sessionId && eventId);
  assert.deepEqual(visitor.errors, []);

  isDown = false;

  const session = await stored(stage, sessionId, (s) => named(s, "during_trouble").length > 0);
  assert.equal(named(session, "during_trouble")[0].id, eventId);
  assert.equal(named(session, "during_trouble").length, 1);
  assert.equal(named(session, "page_view").length, 1);
  await visitor.close();
});

test("events of a page that was left during an outage are sent by the next page", async () => {
  const visitor = await newVisitor(browser, stage);
  let isDown = true;
  await visitor.context.route(`${stage.server}/api/**`, (route) => (isDown ? route.abort("connectionrefused") : route.continue()));
  await visitor.open(`/${AD}`);
  await visitor.accept();
  const { sessionId } = await visitor.ids();
  await visitor.call("track", "left_behind");
  await visitor.flush();
  await visitor.open("/watch/");
  isDown = false;
  await visitor.open("/donate/");

  const session = await stored(stage, sessionId, (s) => named(s, "left_behind").length > 0 && named(s, "page_view").length === 3);
  assert.equal(named(session, "left_behind").length, 1);
  assert.equal(session.touches.length, 1);
  await visitor.close();
});

test("offline, events wait; online again, they arrive", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const { sessionId } = await visitor.ids();
  await visitor.flush();
  await visitor.context.setOffline(true);
  await visitor.call("track", "in_the_tunnel");
  await visitor.flush();
  await visitor.page.waitForTimeout(300);
  await visitor.context.setOffline(false);

  const session = await stored(stage, sessionId, (s) => named(s, "in_the_tunnel").length > 0);
  assert.equal(named(session, "in_the_tunnel").length, 1);
  await visitor.close();
});

test("a killed server comes back with every acknowledged event, and takes the rest", async () => {
  // A second process on the same file once made SQLite delete the running server's log.
  stage.addKey();
  const visitor = await newVisitorOfAd(browser, stage);
  const { sessionId } = await visitor.ids();
  await visitor.call("track", "acknowledged");
  await visitor.flush();
  await stage.stopServer("SIGKILL");
  await visitor.call("track", "while_dead");
  await visitor.flush();
  await stage.startServer();

  const session = await stored(stage, sessionId, (s) => named(s, "while_dead").length > 0);
  assert.equal(named(session, "acknowledged").length, 1);
  assert.equal(named(session, "while_dead").length, 1);
  await visitor.close();
});

// Whether the core comes as JavaScript or, where that file does not come either, the server decides.
for (const [how, rv] of [["has the core as JavaScript", 1], ["leaves the deciding to the server", 0]]) test(`a policy without WebAssembly ${how}: same session, same touch, same order`, async () => {
  const strict = await startStage({ site: { csp: "default-src 'self'; script-src 'self' SERVER; connect-src 'self' SERVER; style-src 'self'" } });
  const visitor = await newVisitor(browser, strict);
  try {
    if (rv === 0) await visitor.context.route("**/*.j.js", (route) => route.abort());
    await visitor.open(`/${AD}`);
    const isBlocked = await visitor.page.evaluate(() => {
      try {
        return !new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
      } catch {
        return true;
      }
    });
    assert.equal(isBlocked, true);
    assert.deepEqual((await visitor.device()).local, {});
    await visitor.accept();
    await visitor.flush();
    const { sessionId, anonymousId } = await until(async () => {
      const ids = await visitor.ids();
      return ids.sessionId && ids;
    }, "the decision");
    assert.equal(JSON.parse(visitor.sent.find((request) => request.path === "/api/events").body).rv, rv);

    await visitor.open("/donate/");
    assert.deepEqual(await visitor.ids(), { sessionId, anonymousId });
    await visitor.donate({ amount: 25 });
    await visitor.pay();
    await visitor.reference();

    const session = await stored(strict, sessionId, (s) => named(s, "page_view").length === 3);
    assert.equal(session.touches.length, 1);
    assert.equal(session.touches[0].channel, "paid_search");
    assert.deepEqual(new Set(named(session, "page_view").map(({ verdict }) => verdict === "server")), new Set([rv === 0]));
    const [order] = await strict.reports.conversions();
    assert.equal(order.match_type, "session");
    assert.equal(order.session_id, sessionId);
    assert.deepEqual(visitor.errors, []);
  } finally {
    await visitor.close();
    await strict.stop();
  }
});
