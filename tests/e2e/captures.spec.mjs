// SPDX-License-Identifier: Apache-2.0
// What data-capture turns on, from the page to the session's timeline and to who may hear of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./report_client.mjs";
import { openStage } from "./opened_stage.mjs";
import { newVisitorOfAd } from "./visitor.mjs";

const { stage, browser } = await openStage({ site: { scriptTag: { "data-capture": "page scroll outbound download form signup" } } });

const kPart = `<p id="part"><a id="out" href="https://harbour.example/museum?from=film">museum</a> <a id="file" href="/notes.pdf">notes</a></p>
  <form id="letters" data-tl-signup="letters" action="/thanks/"><input type="email" name="email" value="keeper@example.org"><button>join</button></form>`;

test("links, files, forms, sign-ups and scrolling stand in the timeline; only sign-ups go to Meta", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const { page } = visitor;
  const { sessionId } = await visitor.ids();
  await page.evaluate((part) => {
    addEventListener("click", (event) => event.target.closest("#part") && event.preventDefault());
    document.querySelector("main").insertAdjacentHTML("beforeend", part);
    scrollTo(0, document.documentElement.scrollHeight);
  }, kPart);
  const names = () => visitor.events().map(({ n }) => n);
  await until(() => names().filter((name) => name === "scroll_depth").length === 4, "the marks");
  await page.click("#out");
  await page.click("#file");
  await Promise.all([page.waitForURL(/\/thanks\//), page.click("#letters button")]);

  const captured = await until(async () => {
    const { events } = await stage.reports.session(sessionId);
    const found = events.filter(({ name }) => !/^page_/.test(name)).sort((a, b) => a.t - b.t);
    return found.length >= 7 && found;
  }, "seven events");
  assert.deepEqual(captured.map(({ name, props }) => [name, props.percent ?? props.link_url ?? props.list]), [
    ["scroll_depth", 25], ["scroll_depth", 50], ["scroll_depth", 75], ["scroll_depth", 90],
    ["click", "https://harbour.example/museum"], ["click", `${stage.site}/notes.pdf`], ["email_signup", "letters"]]);
  assert.ok(captured.every(({ verdict }) => ["verified", "bootstrap"].includes(verdict)), JSON.stringify(captured));

  const deliveries = await until(async () => {
    const list = (await stage.reports.deliveries()).filter(({ event_name }) => event_name !== "page_view");
    return list.length >= 8 && list.every(({ state }) => state === "delivered") && list;
  }, "the deliveries");
  const told = (destination) => deliveries.filter((row) => row.destination === destination).map(({ event_name }) => event_name).sort();
  assert.deepEqual(told("meta"), ["email_signup"]);
  assert.deepEqual(told("posthog"), ["click", "click", "email_signup", "scroll_depth", "scroll_depth", "scroll_depth", "scroll_depth"]);
  const { meta, posthog } = stage.sandbox.received();
  assert.equal(meta.accepted.filter(({ event }) => event.event_name === "CompleteRegistration").length, 1);
  assert.ok(!JSON.stringify([meta.accepted, posthog.accepted]).includes("keeper@"), "what was typed left the page");
  assert.deepEqual(visitor.errors, []);
  await visitor.close();
});
