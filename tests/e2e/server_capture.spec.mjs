// SPDX-License-Identifier: Apache-2.0
// @throughline/web/server against the real server: a shop without any script in its pages. The server replays
// what the shop's own server decided and must agree.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { until } from "./report_client.mjs";
import { startStage } from "./stage.mjs";

const { init } = await import(process.env.TL_SDK ? `${process.env.TL_SDK}/web/dist/server.mjs` : "../../build/sdk/web/dist/server.mjs");
const AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

const answers = []; // of the Throughline server: path and status
const answered = async (url, request) => {
  const answer = await fetch(url, request);
  answers.push([new URL(url).pathname, answer.status]);
  return answer;
};
let stage, shop, address;
before(async () => {
  stage = await startStage({ quiet: true });
  const throughline = init({
    site: "demo", key: "wk_demo", endpoint: stage.server, origin: "https://shop.example", wait: 5000, fetch: answered,
    consent: ({ headers }) => ({ yes: "granted", no: "denied" })[/choice=(\w+)/.exec(headers.get("cookie"))?.[1]],
  });
  shop = createServer((request, response) =>
    throughline.node(request, response, async () => {
      const visit = request.throughline;
      if (request.url == "/pay") visit.checkoutStarted({ productId: "film", url: "https://buy.stripe.com/a" });
      await visit.sent;
      response.end(JSON.stringify({ anonymousId: visit.anonymousId, sessionId: visit.sessionId }));
    }));
  await new Promise((done) => shop.listen(0, "127.0.0.1", done));
  address = `http://127.0.0.1:${shop.address().port}`;
});
after(async () => {
  shop?.closeAllConnections();
  shop?.close();
  await stage?.stop();
});

function visitor(choice) {
  const jar = new Map(choice ? [["choice", choice]] : []);
  return {
    jar,
    async open(path, headers = {}) {
      const cookie = [...jar].map((pair) => pair.join("=")).join("; ");
      const answer = await fetch(address + path, { headers: { accept: "text/html", "user-agent": AGENT, cookie, ...headers } });
      for (const set of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
        if (value) jar.set(name, value);
        else jar.delete(name);
      }
      return answer.json();
    },
  };
}

const stored = (id, events) => until(async () => {
  const session = await stage.reports.session(id).catch(() => null);
  return session?.events.length >= events && session;
}, `session ${id} with ${events} events`);

test("pages and a checkout without a script are one session, and the server agrees with every decision", async () => {
  const buyer = visitor("yes");
  const first = await buyer.open("/landing?utm_source=google&utm_medium=cpc&gclid=Abc-123", { referer: "https://www.google.com/", "x-forwarded-for": "203.0.113.9" });
  assert.ok(buyer.jar.get("tl_tok.demo"), "the token came with the first answer");
  const second = await buyer.open("/film", { referer: "https://shop.example/landing" });
  await buyer.open("/pay", { accept: "application/json", referer: "https://shop.example/film" });
  assert.deepEqual(second, first);

  const session = await stored(first.sessionId, 3);
  assert.equal(session.anonymous_id, first.anonymousId);
  assert.deepEqual(session.touches.map(({ channel, source, click_ids }) => [channel, source, click_ids.gclid]), [["paid_search", "google", "Abc-123"]]);
  assert.deepEqual(session.events.map(({ name }) => name), ["page_view", "page_view", "checkout_started"]);
  assert.deepEqual(session.events.map(({ verdict }) => verdict), ["bootstrap", "verified", "verified"]);
  assert.deepEqual([session.device.type ?? session.device, (await stage.reports.rejects()).length], ["desktop", 0]);
});

test("a refusal takes the cookies and is recorded; what is refused from the start leaves no trace", async () => {
  const before = (await stage.reports.sessions()).length;
  const stranger = visitor("no");
  assert.deepEqual(await stranger.open("/?utm_source=letter"), { anonymousId: null, sessionId: null });
  assert.deepEqual([...stranger.jar], [["choice", "no"]]);

  const regretful = visitor("yes");
  const { anonymousId, sessionId } = await regretful.open("/?utm_source=letter");
  await stored(sessionId, 1);
  regretful.jar.set("choice", "no");
  await regretful.open("/film");
  assert.deepEqual([...regretful.jar], [["choice", "no"]]);
  assert.equal((await stage.reports.sessions()).length, before + 1);
  // Taking consent back needs the visitor's token: another's word is answered with 401.
  assert.deepEqual(answers.filter(([path]) => path == "/api/consent"), [["/api/consent", 200]]);
  const unproven = { site: "demo", write_key: "wk_demo", anonymous_id: anonymousId, consent: { storage: true, marketing: true } };
  const { status } = await fetch(stage.server + "/api/consent", { method: "POST", body: JSON.stringify(unproven) });
  assert.equal(status, 401);
});
