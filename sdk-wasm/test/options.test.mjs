// SPDX-License-Identifier: Apache-2.0
// What data-debug says of options that mean nothing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { build } from "esbuild";
import { open, until } from "./stage.mjs";
import { stage, visitor } from "./visiting.mjs";

const entry = new URL("../loader/check-options.ts", import.meta.url).pathname;
const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
const { troublesOf, troublesOfChoice } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
const kRight = { site: "demo", key: "wk_demo" };

test("every attribute that the documentation names is an option, and what it says of values holds", () => {
  const docs = ["sdk", "consent"].map((page) => readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), "utf8")).join("\n");
  const rows = [...docs.matchAll(/^\| (`data-.*?) \| (?:`(.*?)`)?.*? \|/gm)];
  const usual = rows.flatMap(([, names, value]) => names.split(", ").map((name) => [name.slice(6, -1), value ?? ""]));
  assert.ok(usual.length > 20, String(usual.length));
  for (const [name, value] of usual) {
    const option = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    assert.deepEqual(troublesOf({ [option]: value, ...kRight }), [], name);
  }
});

test("a misspelt name, an unknown word and a number that is none are told; numbers and truth may be typed", () => {
  const told = (options) => troublesOf({ ...kRight, ...options });
  assert.deepEqual(told({ captures: "page" }), ["data-captures is no option"]);
  assert.match(told({ capture: "page  outbund" })[0], /^data-capture knows no "outbund", only: page video scroll/);
  assert.match(told({ capture: "page,scroll" })[0], /no "page,scroll"/);
  assert.match(told({ anonymousPings: "never" })[0], /^data-anonymous-pings knows no "never"/);
  assert.deepEqual(told({ sessionTimeout: "half an hour" }), ['data-session-timeout is no number: "half an hour"']);
  assert.match(told({ respectGpc: "no" })[0], /only: true false/);
  assert.deepEqual(told({ consentDefault: "region" }), ['data-consent-default="region" needs data-consent="auto"']);
  assert.deepEqual(told({ sessionTimeout: 20, hashContact: true, debug: "", capture: "" }), []);
  assert.match(troublesOf({})[0], /^site and key are needed/);
  assert.deepEqual(told({ endpoint: "t.shop.example:8080" }), ['data-endpoint is no address: "t.shop.example:8080"']);
  assert.deepEqual(told({ endpoint: "https://t.shop.example/" }), []);
});

test("a misspelt purpose and a word that is no yes are told of a choice", () => {
  for (const choice of [true, false, "granted", "denied", {}, { storage: true, marketing: "denied" }, { storage: null, marketing: undefined }])
    assert.deepEqual(troublesOfChoice(choice), [], JSON.stringify(choice));
  assert.deepEqual(troublesOfChoice({ analytics: true, ads: true }), ["analytics", "ads"].map((name) => `knows no "${name}", only: storage marketing`));
  for (const choice of ["yes", { storage: "yes" }, { marketing: "yes", storage: true }])
    assert.deepEqual(troublesOfChoice(choice), ['"yes" is a refusal; it knows: true false granted denied']);
});

test("a time that is none leaves the usual one", async () => {
  stage.attributes += ' data-session-timeout="-5" data-session-max="0"';
  await open(visitor, stage.shop + "/");
  await until("the page view", () => stage.events("page_view").length);
  assert.deepEqual(stage.batches()[0].ru, { to: 1_800_000, mx: 86_340_000, rc: 1 });
});

test("a page under debug is told on its console, any other is not", async () => {
  stage.attributes += ' data-capture="page pgae"';
  const notes = [];
  visitor.on("console", (message) => notes.push(message.text()));
  await open(visitor, stage.shop + "/");
  await until("the page view", () => stage.events("page_view").length);
  assert.deepEqual(notes, []);
  stage.attributes += " data-debug";
  const page = await open(visitor, stage.shop + "/");
  await until("the note", () => notes.length > 0);
  assert.deepEqual(notes, ['Throughline: options: data-capture knows no "pgae", only: page video scroll outbound download form signup checkout players']);

  await page.evaluate(() => (Throughline.consent({ analytics: true }), Throughline.identify({ plan: "pro" })));
  await until("the notes", () => notes.length > 2);
  assert.deepEqual(notes.slice(1), ['Throughline: consent(): knows no "analytics", only: storage marketing', "Throughline: identify needs email, phone or userId"]);
});
