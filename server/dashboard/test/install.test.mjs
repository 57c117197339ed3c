// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const { CAPTURES, snippet } = await bundled("views/install.ts");
const facts = { endpoint: "https://t.shop.example", script: "https://t.shop.example/a&b.js", site: 'a"b', write_key: "wk", consent_default: "denied", session_timeout_minutes: 30, session_max_minutes: 1439, rotate_on_campaign: true, affiliate_params: [] };
const usual = { consent: "", capture: ["page", "video"], domains: "" };

test("the snippet writes only what differs from the script's defaults, escaped", () => {
  assert.match(snippet(facts), /<script async src="https:..t.shop.example.a&amp;b.js"/);
  assert.ok(snippet(facts).endsWith('data-site="a&quot;b" data-key="wk"></script>'));
  assert.equal(snippet(facts, usual), snippet(facts));
  assert.match(snippet({ ...facts, session_timeout_minutes: 20, rotate_on_campaign: false }), /data-session-timeout="20"\s+data-rotate-on-campaign="false"/);
  assert.match(snippet({ ...facts, affiliate_params: ["via", "ref"] }), /data-keep-query="via ref"></);
  assert.match(snippet({ ...facts, consent_default: "granted" }), /data-consent-default="granted"/);
});

test("what is chosen stands in the snippet", () => {
  assert.match(snippet(facts, { ...usual, consent: "auto" }), /data-consent="auto"></);
  assert.match(snippet({ ...facts, consent_default: "granted" }, { ...usual, consent: "region" }), /data-consent="auto"\s+data-consent-default="region"></);
  assert.match(snippet(facts, { ...usual, capture: ["page", "video", "scroll"] }), /data-capture="page video scroll"></);
  assert.match(snippet(facts, { ...usual, capture: [] }), /data-capture=""></);
  assert.match(snippet(facts, { ...usual, domains: ' shop.example,  pay"x.example ' }), /data-link-domains="shop.example pay&quot;x.example"></);
});

test("the captures on offer are those of the script's documentation", () => {
  const docs = readFileSync(new URL("../../../docs/sdk.md", import.meta.url), "utf8").split("## Captures")[1].split("\n## ")[0];
  assert.deepEqual(Object.keys(CAPTURES), [...docs.matchAll(/^\| `(\w+)` \|/gm)].map(([, word]) => word));
});
