// SPDX-License-Identifier: Apache-2.0
// What a careful site asks of a script: integrity values, and a policy by nonce alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { open, pause, until } from "./stage.mjs";
import { pageViews, stage, visitor } from "./visiting.mjs";

const folder = process.env.TL_SDK ?? new URL("../../build/sdk", import.meta.url).pathname;
const { sri, beside, more } = JSON.parse(readFileSync(`${folder}/sdk.json`, "utf8"));

test("the script runs under its integrity value and under no other", async () => {
  stage.scriptOrigin = stage.elsewhere; // where crossorigin counts
  stage.attributes = `data-consent="granted" crossorigin integrity="${sri}"`;
  let page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  assert.deepEqual(page.errors, []);

  stage.requests.length = 0;
  stage.attributes = `data-consent="granted" crossorigin integrity="${sri.slice(0, -4)}AAAA"`;
  page = await open(visitor, stage.shop + "/");
  await pause(500);
  assert.equal(await page.evaluate(() => Throughline.init), undefined);
  assert.deepEqual(stage.requests, []);
});

test("a policy of nonce and strict-dynamic, which names no host, lets the script and its files run", async () => {
  stage.csp = `default-src 'none'; script-src 'nonce-n' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'`;
  stage.attributes = 'nonce="n" data-consent="auto" data-capture="page outbound" data-debug';
  stage.before = `<script nonce="n">window.getCkyConsent = () => ({ activeLaw: "gdpr", isUserActionCompleted: true, categories: { analytics: true, advertisement: true } });
    addEventListener("click", (event) => event.preventDefault());</script>`;
  stage.html = '<a id="out" href="https://other.example/">out</a><script>window.blocked = false</script>';
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1); // by the platforms' file
  await until("the panel", () => page.evaluate(() => !!document.querySelector("throughline-debug")));
  await until("the captures' file", async () => {
    await page.evaluate(() => document.querySelector("#out").click());
    return stage.events("click").length;
  });
  assert.equal(await page.evaluate(() => window.blocked), undefined, "the policy holds");
  assert.deepEqual(page.errors, []);
});

// A rule that stops "throughline" must not stop a part of a script of another name.
for (const [what, script, named, folderAndName] of [
  ["under the name that a proxy gives it", "/st/app.js?v=1", (path) => path.replace(/^\/st\/app\b/, "/throughline"), "/st/app"],
  ["under its name and hash", "/st/app.0123456789abcdef.js", (path) => path.replace(/^\/st\/app\b/, "/throughline").replace(".0123456789abcdef", ""), "/st/app"],
  ["in a folder", "/st/throughline.js", (path) => path.replace(/^\/st/, ""), "/st/throughline"],
  ["as a copy that was only renamed", "/copy/app.js", (path) => path.replace(/^\/copy\/(app\.js$)?/, (_, own) => (own ? "/throughline.js" : "/")), "/copy/throughline"],
])
  test(`the script's files come by the script's own name, ${what}`, async () => {
    Object.assign(stage, { script, named, attributes: 'data-consent="auto"' });
    stage.before = '<script>window.getCkyConsent = () => ({ activeLaw: "gdpr", isUserActionCompleted: true, categories: { analytics: true, advertisement: true } })</script>';
    const page = await open(visitor, stage.shop + "/page");
    await pageViews(1); // by the platforms' file
    const files = stage.asked.map(({ path }) => path).filter((path) => path.endsWith(".c.js"));
    assert.equal(files.at(-1), `${folderAndName}.${beside}.c.js`);
    if (script.startsWith("/st/")) assert.equal(files.length, 1);
    assert.deepEqual(page.errors, []);
  });

// Where the browser knows integrity in import maps (Chromium 127, Safari 18.4, Firefox 138).
for (const [value, runs] of [[more.sri, true], [more.sri.slice(0, -4) + "AAAA", false]])
  test(`a further file ${runs ? "runs under its value in an import map" : "of another value does not run, and the page goes on"}`, async () => {
    stage.csp = `default-src 'none'; script-src 'nonce-n' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self'`;
    stage.before = `<script type="importmap" nonce="n">${JSON.stringify({ integrity: { [`/throughline.${beside}.m.js`]: value } })}</script>`;
    stage.attributes = `nonce="n" data-consent="granted" data-capture="page outbound" crossorigin integrity="${sri}"`;
    stage.html = '<a id="out" href="https://other.example/">out</a><script nonce="n">addEventListener("click", (event) => event.preventDefault())</script>';
    const page = await open(visitor, stage.shop + "/");
    await pageViews(1);
    const isTold = async () => {
      await page.evaluate(() => document.querySelector("#out").click());
      return stage.events("click").length;
    };
    if (runs) await until("the captures' file", isTold);
    else {
      await until("the file is there", () => stage.asked.some(({ path }) => path.endsWith(".m.js")));
      await pause(1500);
      assert.equal(await isTold(), 0);
      assert.ok(await page.evaluate(() => Throughline.track("goes_on")));
    }
    assert.deepEqual(page.errors, []);
  });
