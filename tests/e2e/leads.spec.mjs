// SPDX-License-Identifier: Apache-2.0
// A form becomes a lead: the film's letter, from an ad to Meta; and the form that docs/leads.md gives to
// paste, without consent and with its honeypot.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "./report_client.mjs";
import { openStage } from "./opened_stage.mjs";
import { newVisitorOfAd } from "./visitor.mjs";

const PAGE = readFileSync(new URL("../../docs/leads.md", import.meta.url), "utf8");
// A documented block, for this stage's endpoint, site and write key.
const documented = (pattern) => pattern.exec(PAGE)[1]
  .replaceAll("https://t.shop.example", stage.server).replaceAll('"shop"', '"demo"').replaceAll("wk_shop", "wk_demo");

const { stage, browser } = await openStage();

test("who asks for the letter after an ad is a lead of that ad, told to Meta once", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const { sessionId } = await visitor.ids();
  await visitor.page.waitForFunction((id) => document.querySelector("[name=tl_session_id]").value === id, sessionId);
  await visitor.flush();
  for (const time of ["first", "again"]) {
    await visitor.page.fill(".letter [name=email]", "keeper@example.org");
    await visitor.page.fill(".letter [name=self_reported]", "the harbour master");
    await Promise.all([visitor.page.waitForURL(/#letter-sent$/), visitor.page.click(".letter button")]);
    assert.ok(await visitor.page.locator("#letter-sent").isVisible(), time);
    await visitor.open("/");
    await visitor.page.waitForFunction(() => document.querySelector("[name=tl_session_id]").value !== "");
  }

  const [lead, ...more] = await stage.reports.leads();
  assert.deepEqual(more, []);
  assert.equal(lead.match_type, "session");
  assert.equal(lead.session_id, sessionId);
  assert.equal(lead.first_touch.campaign, "spring-premiere");
  assert.equal(lead.form_type, "letter");
  assert.equal(lead.self_reported, "the harbour master");
  assert.equal(lead.verified, false);
  await until(async () => (await stage.reports.deliveries()).some((row) => row.event_id === lead.id && row.destination === "meta" && row.state === "delivered"), "the lead at Meta");
  const told = stage.sandbox.received().meta.accepted.filter((record) => record.event.event_id === lead.id);
  assert.equal(told.length, 1);
  assert.equal(told[0].event.event_name, "Lead");
  assert.deepEqual(visitor.errors, []);
  await visitor.close();
});

test("the documented form works as it is pasted, without script and without consent", async () => {
  const form = documented(/```html\n(<form[\s\S]*?<\/form>)\n```/);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const tab = await context.newPage();
  await tab.route(`${stage.site}/pasted`, (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Pasted</title>${form}` }));
  const before = (await stage.reports.leads()).length;
  const send = async (fields) => {
    await tab.goto(`${stage.site}/pasted`);
    assert.equal(await tab.locator("[name=tl_website]").isVisible(), false);
    for (const [name, value] of Object.entries(fields)) await tab.locator(`[name=${name}]`).evaluate((input, text) => { input.value = text; }, value);
    await Promise.all([tab.waitForURL(`${stage.site}/thanks/`), tab.click("form button")]);
  };
  await send({ email: "pasted@example.org", self_reported: "a poster" });
  await send({ email: "robot@example.org", tl_website: "https://cheap.example" });

  const leads = await stage.reports.leads();
  assert.equal(leads.length, before + 1);
  const lead = leads.find((entry) => entry.form_type === "contact");
  assert.equal(lead.match_type, "none");
  assert.equal(lead.self_reported, "a poster");
  assert.equal((await context.cookies()).length, 0);
  await context.close();
});

test("the documented calls work: by a script of the page, and by the site's server, which moves the lead on", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const { sessionId } = await visitor.ids();
  await visitor.flush();
  await visitor.page.evaluate(`(async () => { ${documented(/```js\n([\s\S]*?)```/)} })()`);
  const lead = (await stage.reports.leads()).find((entry) => entry.form_type === "newsletter");
  assert.equal(lead.session_id, sessionId);
  await visitor.close();

  const send = async (body) => {
    const reply = await fetch(`${stage.server}/api/webhook/lead`, {
      method: "POST", headers: { authorization: `Bearer ${stage.key}`, "content-type": "application/json" }, body: JSON.stringify(body),
    });
    return { status: reply.status, ...(await reply.json()) };
  };
  const told = JSON.parse(documented(/-d '(\{.*\})'/));
  const made = await send({ ...told, session_id: sessionId });
  assert.equal(made.status, 201);
  assert.equal(made.lead.first_touch.channel, "paid_search");
  assert.equal(made.lead.verified, true);
  assert.equal((await send({ ...told, session_id: sessionId })).status, 200);
  const moved = await send({ ...JSON.parse(documented(/```json [^\n]*\n(\{"lead_id".*\})\n```/)), lead_id: made.lead_id });
  assert.equal(moved.lead.stage, "opportunity");
  assert.equal(moved.lead.stages[1].amount_minor, 90000);
});
