// SPDX-License-Identifier: Apache-2.0
// The code in the documentation of the SDK: TypeScript and JavaScript are type-checked against the installed
// package and the real frameworks, Svelte is compiled, HTML is opened in Chromium.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compile } from "svelte/compiler";
import { openBrowser, openEndpoint, serveFolder, until } from "./example_site.mjs";
import { here, install } from "./package_under_test.mjs";

install();
const root = join(here, "../..");
const kPages = ["docs/sdk.md", "docs/packages.md", "docs/moving.md", "docs/consent.md", "sdk-wasm/npm/README.md", "README.md",
  ...readdirSync(join(root, "docs/install")).map((page) => `docs/install/${page}`)];
const kOpen = { ts: "ts", tsx: "tsx", js: "js", svelte: "svelte", html: "html" };

// Every block of a page by its language; a block that is only told of (no language) is none.
const blocks = kPages.flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code], i) => ({ page, language, code, name: `${page.replace(/\W/g, "_")}_${i}` })),
).filter(({ language }) => kOpen[language]);

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
    blocks.filter(({ language }) => ["ts", "tsx", "js"].includes(language)).map(({ name, language, code }) => [`${name}.${language}`, code + "\nexport {};\n"]),
  );
  assert.ok(Object.keys(files).length > 10);
  // The script's global, of which pages without a build speak.
  files["global.d.ts"] = 'import type { Throughline as Api } from "@throughline/web";\ndeclare global { var Throughline: Api & { q: { push(call: unknown[]): void } }; }\n';
  // The providers' pages speak of the script's answers in passing.
  files["providers.ts"] = 'import type { Throughline as Api } from "@throughline/web";\ndeclare const tl: Api;\n' +
    readdirSync(join(root, "docs/providers")).flatMap((page) => readFileSync(join(root, "docs/providers", page), "utf8").match(/\btl(\.\w+(\(\))?)+/g) ?? []).map((said) => `void ${said};\n`).join("");
  assert.match(files["providers.ts"], /checkoutStarted\(\)\.clientReferenceId;/);
  // What Nuxt puts into every file of its own.
  files["nuxt.d.ts"] = 'import type { App } from "vue";\ndeclare global { function defineNuxtPlugin(plugin: (nuxtApp: { vueApp: App }) => void): unknown; function defineNuxtConfig(config: { routeRules: Record<string, { proxy: string }> }): unknown; }\n';
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
  for (const { code, name } of blocks.filter(({ language }) => language == "svelte"))
    assert.deepEqual(compile(code, { filename: `${name}.svelte` }).warnings, []);
});

test("HTML", async () => {
  const endpoint = await openEndpoint();
  const site = await serveFolder(folder);
  const browser = await openBrowser();
  const pages = blocks.filter(({ language }) => language == "html");
  assert.ok(pages.length > 1);
  for (const { code, name } of pages) {
    writeFileSync(join(folder, `${name}.html`), `<!doctype html><meta charset=utf-8>${code.replaceAll("https://t.shop.example", endpoint.url)}`);
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.route(/^https:/, (route) => route.fulfill({ contentType: "text/html", body: "" })); // what snippets embed
    await page.goto(`${site.url}/${name}.html`);
    await until(`${name} runs the script`, () => page.evaluate(() => Object.keys(window).some((name) => isNaN(name) && window[name]?.init && window[name].q)));
    // A page with a banner of its own: nothing before the choice, the arrival after it.
    if (await page.locator("#accept").count()) {
      const before = endpoint.requests.length;
      await page.click("#accept");
      await until(`${name} sends the view`, () => endpoint.requests.slice(before).some(({ path }) => path == "/api/events"));
      assert.equal(await page.evaluate(() => Throughline.consent().storage), true);
    }
    assert.deepEqual(errors, [], name);
    await page.close();
  }
  await browser.close();
  site.close();
  endpoint.close();
});
