// SPDX-License-Identifier: Apache-2.0
// The code that the documentation shows for sites: TypeScript and JavaScript are type-checked against the installed
// package and the real frameworks, Svelte and Vue are compiled, JavaScript and HTML run, in Chromium where they are
// a page's, and so does what PHP prints into one. What frameworks do with theirs: snippets.test.mjs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { compile } from "svelte/compiler";
import * as vue from "vue/compiler-sfc";
import { blocksOf, placeOf, root } from "../docs/blocks.mjs";
import { openBrowser, openEndpoint, serveFolder, until } from "./example_site.mjs";
import { built, here, install } from "./package_under_test.mjs";

install();

const folder = join(here, "build/snippets");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const typeCheck = (name, compilerOptions, files) => {
  for (const [file, code] of Object.entries(files)) writeFileSync(join(folder, file), code);
  const config = join(folder, `tsconfig.${name}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: { strict: true, noEmit: true, skipLibCheck: true, types: ["node"], lib: ["ES2022", "DOM", "DOM.Iterable"], target: "ES2022", ...compilerOptions }, files: Object.keys(files) }));
  try {
    execFileSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "--project", config], { encoding: "utf8" });
  } catch ({ stdout }) {
    assert.fail(stdout);
  }
};

test("TypeScript and JavaScript", () => {
  const files = Object.fromEntries(
    blocksOf("ts", "tsx", "js").map(({ name, language, code }) => [`${name}.${language}`, code + "\nexport {};\n"]),
  );
  for (const { name, code } of blocksOf("vue")) files[`${name}.vue.ts`] = vue.parse(code).descriptor.scriptSetup.content + "\nexport {};\n";
  assert.ok(Object.keys(files).length > 10);
  // The script's global, of which pages without a build speak.
  files["global.d.ts"] = 'import type { Throughline as Api } from "@throughline/web";\ndeclare global { var Throughline: Api & { q: { push(call: unknown[]): void } }; }\n';
  // The providers' pages speak of the script's answers in passing.
  files["providers.ts"] = 'import type { Throughline as Api } from "@throughline/web";\ndeclare const tl: Api;\n' +
    readdirSync(join(root, "docs/providers")).flatMap((page) => readFileSync(join(root, "docs/providers", page), "utf8").match(/\btl(\.\w+(\(\))?)+/g) ?? []).map((said) => `void ${said};\n`).join("");
  assert.match(files["providers.ts"], /checkoutStarted\(\)\.clientReferenceId;/);
  // What Nuxt puts into every file of its own, and what SvelteKit declares.
  files["nuxt.d.ts"] = 'import type { App } from "vue";\ndeclare global { function defineNuxtPlugin(plugin: (nuxtApp: { vueApp: App }) => void): unknown; function defineNuxtConfig(config: { routeRules: Record<string, { proxy: string }> }): unknown; }\n';
  files["sveltekit.d.ts"] = 'declare module "@sveltejs/kit" {\n  type MaybePromise<T> = T | Promise<T>;\n  interface RequestEvent { request: Request }\n  export type Handle = (input: { event: RequestEvent; resolve: (event: RequestEvent) => MaybePromise<Response> }) => MaybePromise<Response>;\n}\n';
  typeCheck("bundler", { module: "ESNext", moduleResolution: "bundler", jsx: "react-jsx", allowJs: true, checkJs: true }, files);
});

test("every entry has types for import and for require", () => {
  const use = `import { init, throughline, type Options } from "@throughline/web";
import { init as fromAsset } from "@throughline/web/asset";
import { init as onServer, type Visit } from "@throughline/web/server";
import { Throughline, useConsent, useThroughline } from "@throughline/web/react";
import * as next from "@throughline/web/next";
import { throughlineMiddleware } from "@throughline/web/next/middleware";
import { withThroughline } from "@throughline/web/next/config";
import { ThroughlinePlugin, useConsent as inVue } from "@throughline/web/vue";
import { consent } from "@throughline/web/svelte";
import { throughlineIntegration } from "@throughline/web/astro";
const options: Options = { site: "a", key: "b" };
const id: string | null = init(options).getSessionId();
export type { Visit };
export { id, throughline, fromAsset, onServer, Throughline, useConsent, useThroughline, next, throughlineMiddleware, withThroughline, ThroughlinePlugin, inVue, consent, throughlineIntegration };
// @ts-expect-error a site is needed
init({});
`;
  typeCheck("node", { module: "nodenext", moduleResolution: "nodenext", jsx: "react-jsx" }, { "import.mts": use, "require.cts": use });
});

test("Svelte", () => {
  for (const { code, name } of blocksOf("svelte")) assert.deepEqual(compile(code, { filename: `${name}.svelte` }).warnings, []);
});

test("Vue", () => {
  for (const { code, name } of blocksOf("vue")) {
    const { descriptor, errors } = vue.parse(code, { filename: `${name}.vue` });
    assert.deepEqual(errors, []);
    const { bindings } = vue.compileScript(descriptor, { id: name });
    const made = vue.compileTemplate({ source: descriptor.template.content, filename: `${name}.vue`, id: name, compilerOptions: { bindingMetadata: bindings } });
    assert.deepEqual([made.errors, made.tips], [[], []]);
    // What the template speaks of is the script's.
    assert.doesNotMatch(made.code, /_ctx\./, name);
  }
});

const isOfPage = ({ code }) => !/^import /m.test(code);

test("JavaScript of a site's own files", async () => {
  for (const { code, name } of blocksOf("js").filter((block) => !isOfPage(block))) {
    writeFileSync(join(folder, `${name}.run.mjs`), code);
    assert.equal(typeof (await import(join(folder, `${name}.run.mjs`))).default, "object", name);
  }
});

const kWaitMs = 8000;
const kWritten = "https://t.shop.example";
let endpoint, site, browser;
before(async () => {
  endpoint = await openEndpoint();
  site = await serveFolder(folder);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  site?.close();
  endpoint?.close();
});

// A block without the tag stands below its page's tag, or that of the README; one that needs a banner gets its buttons.
const tagOf = ({ page }) => blocksOf("html").find((one) => [page, "README.md"].includes(one.page) && one.code.includes("throughline.js")).code;
// The names and integrity values of this very build.
const sdkFacts = JSON.parse(readFileSync(join(built, "sdk.json"), "utf8"));
const withHashes = (html) =>
  html.replace(/throughline\.HASH(?:\.(\w))?\.js("[^>}]*?)sha384-…/g, (_, letter, between) => {
    const { sri } = letter ? Object.values(sdkFacts).find(({ file }) => file == `throughline.${letter}.js`) : sdkFacts;
    return `throughline.${letter ? `${sdkFacts.beside}.${letter}` : sdkFacts.hash}.js${between}${sri}`;
  });

// Google's tag manager puts its tags into the page's document by script.
const byTagManager = (code) => `<script>addEventListener("load", () => document.body.append(document.createRange().createContextualFragment(${JSON.stringify(code).replaceAll("</", "<\\/")})))</script>`;
const documentOf = ({ language, code, ...block }) => {
  const body = language == "js" ? `<script type="module">\n${code}</script>` : block.page == "docs/install/gtm.md" ? byTagManager(code) : code;
  const head = /dataset\.site|data-site/.test(body) ? "" : tagOf(block).replace('"auto"', body.includes('"consent"') ? '"manual"' : '"auto"');
  const banner = body.includes("#accept") ? '<div id="banner"><button id="accept">Yes</button><button id="refuse">No</button></div>' : "";
  return withHashes(`<!doctype html><meta charset=utf-8><body>${head}${banner}${body}`).replaceAll(kWritten, endpoint.url);
};

// The page of a block, with the name of the SDK's global, once that has started. `troubles` is what went wrong.
const openBlock = async (block) => {
  writeFileSync(join(folder, `${block.name}.html`), documentOf(block));
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(kWaitMs);
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => /^Throughline: (options|endpoint)/.test(message.text()) && troubles.push(message.text()));
  await page.route(/^https:/, (route) => route.fulfill({ contentType: "text/html", body: "" })); // what snippets embed
  // The server under a path of the site.
  await page.route(/\/tl\//, (route) => route.continue({ url: endpoint.url + new URL(route.request().url()).pathname.replace("/tl", "") }));
  await page.goto(`${site.url}/${block.name}.html`);
  const name = await page.waitForFunction(() => Object.keys(window).find((name) => isNaN(name) && window[name]?.init && window[name].q));
  const sdk = await name.jsonValue();
  // What its options mean nothing of, it tells.
  await page.evaluate((sdk) => window[sdk].debug(true), sdk);
  await page.locator("throughline-debug").waitFor({ state: "attached" });
  return { page, sdk, troubles, close: () => context.close() };
};

// What the visitor's browser gets of a block of PHP: what stands outside of it, or else what its first echo prints, for
// each name of the list that it goes through.
const printedBy = ({ code, ...block }) => {
  const outside = code.match(/\?>([\s\S]*?)<\?php/)?.[1];
  const [, list, echoed] = /foreach \(\[(.*?)\] as \$name\)\s+echo (.*?);/.exec(code) ?? [];
  const textOf = (part, name) => (part == "$name" ? name : part.slice(1, -1));
  const html = outside ?? list.split(", ").map((name) => echoed.split(" . ").map((part) => textOf(part, name.slice(1, -1))).join("")).join("");
  return { ...block, language: "html", code: /<input/.test(html) ? `<form>${html}</form>` : html };
};

for (const block of [...blocksOf("html", "js"), ...blocksOf("php").map(printedBy)].filter(isOfPage).filter(({ code }) => !code.includes(`fetch("${kWritten}`)))
  test(`${placeOf(block)}: runs`, async () => {
    // What leaves the page takes it away; all else stays to be looked at.
    if (/location\.href =/.test(block.code)) {
      writeFileSync(join(folder, `${block.name}.html`), documentOf(block).replace("<script async", "<script"));
      const page = await browser.newPage();
      await page.route(/^https:/, (route) => route.fulfill({ contentType: "text/html", body: "" }));
      await page.goto(`${site.url}/${block.name}.html`);
      await page.waitForURL(/^https:\/\/buy\.stripe\.com\//);
      const { searchParams } = new URL(page.url());
      const [, sessionId] = searchParams.get("client_reference_id").match(/^tl1_[0-9a-f-]{36}_([0-9a-f-]{36})_/);
      await until(`${block.name} sends its view`, () => endpoint.events("page_view").some(({ sid }) => sid == sessionId));
      return page.close();
    }
    const { page, sdk, troubles, close } = await openBlock(block);
    const grant = () => page.evaluate((sdk) => window[sdk].consent({ storage: true, marketing: true }), sdk);
    // A page with a banner of its own: nothing before the choice, the arrival after it, and the choice told again.
    if (await page.locator("#accept").count()) {
      const before = endpoint.requests.length;
      await page.click("#accept");
      await until(`${block.name} sends the view`, () => endpoint.requests.slice(before).some(({ path }) => path == "/api/events"));
      for (let load = 0; load < 2; load += 1) {
        assert.equal(await page.evaluate(() => Throughline.consent().storage), true);
        assert.equal(await page.locator("#banner").isVisible(), false);
        await page.reload();
        await page.waitForFunction(() => window.Throughline?.init);
      }
    }
    // Hidden fields get the ids.
    if (await page.locator("[name=tl_session_id]").count()) {
      await grant();
      await page.waitForFunction((sdk) => document.querySelector("[name=tl_session_id]").value === window[sdk].getSessionId(), sdk);
    }
    // The view arrives, for the tag's site, with the ids that the page names.
    await grant();
    const [anonymousId, sessionId] = await page.evaluate((sdk) => [window[sdk].getAnonymousId(), window[sdk].getSessionId()], sdk);
    const isItsView = ({ n, aid, sid }) => n == "page_view" && aid == anonymousId && sid == sessionId;
    await until(`${block.name} sends its view`, () => endpoint.events().some(isItsView));
    const [, tagged] = /(?:data-site=|dataset\.site = )"(\w+)"/.exec(documentOf(block).replaceAll("\\", ""));
    assert.equal(endpoint.requests.find(({ body }) => body.e?.some(isItsView)).body.site, tagged);
    assert.deepEqual(troubles, []);
    await close();
  });

test("the panel says what the guide of the consent platforms has one look for", async () => {
  const { page, troubles, close } = await openBlock(blocksOf("html").find(({ page }) => page == "docs/consent-platforms.md"));
  const says = () => page.locator("throughline-debug").evaluate(({ shadowRoot }) => [...shadowRoot.querySelectorAll("dt, dd, li span")].map(({ textContent }) => textContent).join(" "));
  assert.match(await says(), /storage unknown marketing unknown session none/);
  await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }));
  await until("the verdict", async () => /storage granted marketing granted session [0-9a-f-]{36}.* page_view accepted/.test(await says()));
  await page.evaluate(() => Throughline.consent({ storage: false }));
  await until("the refusal", async () => /storage denied marketing denied session none/.test(await says()));
  assert.deepEqual(troubles, []);
  await close();
});

test("the cart of a Shopify theme carries the ids as its checkout begins, and only then", async () => {
  const block = blocksOf("html").find(({ page, code }) => page == "docs/install/shopify.md" && code.includes("attributes["));
  const { page, troubles, close } = await openBlock(block);
  await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }));
  await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", `
    <form action="/cart/add" method="post" target="out"><button id="add">Add</button></form>
    <form action="/cart" method="post" target="out"><button name="update" id="update">Update</button><button name="checkout" id="checkout">Check out</button></form>
    <iframe name="out"></iframe>`));
  const sent = [];
  await page.route(/\/cart/, (route) => (sent.push(decodeURIComponent(route.request().postData() ?? "")), route.fulfill({ contentType: "text/html", body: "" })));
  for (const [i, button] of ["add", "update", "checkout"].entries()) {
    await page.click(`#${button}`);
    await until(`${button} is sent`, () => sent.length == i + 1);
  }
  const sessionId = await page.evaluate(() => Throughline.getSessionId());
  assert.deepEqual([sent[0], sent[1]], ["", "update="]);
  assert.ok(sent[2].includes(`attributes[session_id]=${sessionId}`), sent[2]);
  assert.deepEqual(troubles, []);
  await close();
});
