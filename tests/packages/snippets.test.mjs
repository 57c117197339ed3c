// SPDX-License-Identifier: Apache-2.0
// The documentation's snippets of frameworks and servers run as a site would run them: components are built by Vite,
// all in one build, and mounted in Chromium (what Next renders on its server is rendered there too); SvelteKit builds and
// serves its own; what answers requests does so in Node. Each has to bring a page view, with the ids that the page names, to a receiver.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import http, { createServer } from "node:http";
import { register, syncBuiltinESMExports } from "node:module";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { build, transformWithOxc } from "vite";
import { blocksOf, placeOf } from "../docs/blocks.mjs";
import { kArrival, openBrowser, openEndpoint, serveFolder, until } from "./example_site.mjs";
import { here, install } from "./package_under_test.mjs";

install();
const kWritten = "https://t.shop.example";
const folder = join(here, "build/frameworks");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const endpoint = await openEndpoint();
after(() => endpoint.close());

const kLanguages = ["ts", "tsx", "svelte", "vue"];
const pending = new Map(blocksOf(...kLanguages).map((block) => [placeOf(block), block]));

/** The one block of a page that holds `text`; it counts as run from then on. */
const take = (page, text, language) => {
  const found = blocksOf(...(language ? [language] : [...kLanguages, "js"])).filter((one) => one.page == page && one.code.includes(text));
  assert.equal(found.length, 1, `${page} has ${found.length} blocks with ${text}`);
  pending.delete(placeOf(found[0]));
  return found[0];
};

const withEndpoint = (code) => code.replaceAll(kWritten, endpoint.url);
const withBanner = (code) => code.replace('consent: "auto"', 'consent: "manual"'); // as the pages say of banners

/** Writes a file of the site; answers its name. */
const file = (name, code) => {
  writeFileSync(join(folder, name), withEndpoint(code));
  return name;
};
/** A block in Node, as the framework's compiler would leave it; answers its exports. */
const imported = async ({ name, language, code }, change = (text) => text) => {
  const compiled = language == "js" ? code : (await transformWithOxc(code, `${name}.${language}`, { jsx: { runtime: "automatic", development: false } })).code;
  return import(join(folder, file(`${name}.node.mjs`, change(compiled))));
};

// Nobody but Next has its module; tests/packages-next runs the same in Next itself.
const answering = `data:text/javascript,${encodeURIComponent('export const NextResponse = { next: () => new Response("page", { headers: { "x-middleware-next": "1", "content-type": "text/html" } }) };')}`;
register(`data:text/javascript,${encodeURIComponent(`export const resolve = (name, context, next) => name == "next/server.js" ? { url: ${JSON.stringify(answering)}, shortCircuit: true } : next(name, context);`)}`);

// ---- pages -------------------------------------------------------------------------------------------------

const react = (code, file, names) => `
  import { createRoot } from "react-dom/client";
  import { ${names} } from "./${file}";
  ${code}`;

/** One page: its name, the place of its block, and its entry, which mounts what the block shows. */
const pages = [];
const page = (block, extension, entry, more = {}) => {
  const shown = file(`${block.name}.${extension}`, more.hasBanner ? withBanner(block.code) : block.code);
  const { name } = block;
  const first = `import { throughline } from "@throughline/web";\nwindow.sdk = throughline;\n`;
  pages.push({ name, place: placeOf(block), entry: file(`${name}.entry.jsx`, first + entry(shown)), ...more });
};
const asItStands = (shown) => `import "./${shown}";`;

page(take("sdk-wasm/npm/README.md", "init("), "ts", asItStands, { tracks: true });
page(take("docs/packages.md", "const throughline = init({ site: \"demo\", key: \"wk_demo\", endpoint: \"https://t.shop.example\" });\nthroughline.track"), "ts", asItStands, { tracks: true });
page(take("sdk-wasm/npm/README.md", "Root"), "tsx", (shown) => react("createRoot(app).render(<Root />);", shown, "Root"));
page(take("docs/packages.md", "function App"), "tsx", (shown) => react("createRoot(app).render(<App />);", shown, "App"), { accept: "Accept", choose: "Choose" });
page(take("docs/install/next.md", "function Banner"), "tsx", (shown) => react(
  `import { Throughline } from "@throughline/web/next";
  createRoot(app).render(<><Throughline options={{ site: "demo", key: "wk_demo", endpoint: "${kWritten}", consent: "manual" }} /><Banner /></>);`, shown, "Banner"), { accept: "Accept", isKept: true });
page(take("docs/packages.md", "createApp"), "ts", asItStands);
page(take("docs/install/nuxt.md", "createApp"), "ts", asItStands);
page(take("docs/packages.md", "$consent.storage", "svelte"), "svelte", (shown) => `import { mount } from "svelte";\nimport App from "./${shown}";\nmount(App, { target: app });`, { accept: "Accept", choose: "Choose" });

// Nuxt hands its application to the plugin; the banner is a component in it, and the server is under a path.
const nuxtBanner = take("docs/install/nuxt.md", "useConsent");
file("NuxtBanner.vue", nuxtBanner.code);
globalThis.defineNuxtConfig = (config) => config;
const { default: nuxtConfig } = await imported(take("docs/install/nuxt.md", "defineNuxtConfig"));
page(take("docs/install/nuxt.md", "defineNuxtPlugin"), "ts", (shown) => `
  import { createApp } from "vue";
  import Banner from "./NuxtBanner.vue";
  window.defineNuxtPlugin = (plugin) => plugin;
  const { default: plugin } = await import("./${shown}");
  const vueApp = createApp(Banner);
  plugin({ vueApp });
  vueApp.mount("#app");`,
  { accept: "Accept", isKept: true, hasBanner: true, change: (code) => code.replace(kWritten, "/tl"),
    forwards: Object.entries(nuxtConfig.routeRules).map(([source, { proxy }]) => [source, proxy]) });

// Next renders the layout on its server; the browser goes on with what it got.
for (const of of ["docs/packages.md", "docs/install/next.md"]) {
  const layout = take(of, "function Layout");
  const { default: config } = await imported(take(of, "withThroughline"));
  const { default: Layout } = await imported(layout);
  page(layout, "tsx", (shown) => `
    import { hydrateRoot } from "react-dom/client";
    import Layout from "./${shown}";
    hydrateRoot(document, <Layout><main>page</main></Layout>);`,
    { html: renderToString(createElement(Layout, null, createElement("main", null, "page"))),
      forwards: (await config.rewrites()).map(({ source, destination }) => [source, destination]) });
}

// Astro puts the integration's script into every page.
const { default: astroConfig } = await imported(take("docs/packages.md", "throughlineIntegration"));
const injected = [];
for (const { hooks } of astroConfig.integrations) hooks["astro:config:setup"]({ injectScript: (stage, content) => injected.push(content) });
pages.push({ name: "astro", place: "docs/packages.md: Astro", entry: file("astro.entry.jsx", `import { throughline } from "@throughline/web";\nwindow.sdk = throughline;\n${injected.join("\n")}`) });

const contents = (source) => source.replace(/\/(\*\*|:path\*)$/, "");
let site, browser;
before(async () => {
  for (const { name, html } of pages)
    writeFileSync(join(folder, `${name}.html`), html ? `<!doctype html>${html.replace("</body>", `<script type="module" src="/dist/${name}.js"></script></body>`)}` : `<!doctype html><meta charset="utf-8"><body><div id="app"></div><script type="module" src="/dist/${name}.js"></script>`);
  await build({
    root: folder, configFile: false, logLevel: "error", plugins: [vue(), svelte()],
    build: { outDir: "dist", target: "esnext", minify: false, rolldownOptions: { input: Object.fromEntries(pages.map(({ name, entry }) => [name, join(folder, entry)])), output: { entryFileNames: "[name].js" } } },
  });
  site = await serveFolder(folder);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  site?.close();
});

const kUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

for (const { name, place, accept, choose, tracks, isKept, forwards = [] } of pages)
  test(`${place}: mounted, it waits for consent and brings the view with its ids`, async () => {
    endpoint.requests.length = 0;
    const context = await browser.newContext();
    const visited = await context.newPage();
    const errors = [];
    visited.on("pageerror", (error) => errors.push(String(error)));
    visited.on("console", (message) => message.type() == "error" && !/404/.test(message.text()) && errors.push(message.text()));
    for (const [source, target] of forwards)
      await context.route(`${site.url}${contents(source)}/**`, (route) =>
        route.continue({ url: contents(target) + new URL(route.request().url()).pathname.slice(contents(source).length) }));
    await visited.goto(`${site.url}/${name}.html${kArrival.slice(1)}`);
    await visited.waitForFunction(() => window.sdk?.getSessionId);
    await visited.waitForTimeout(50);
    assert.deepEqual(endpoint.requests, []);

    if (accept) await visited.getByRole("button", { name: accept }).click();
    else await visited.evaluate(() => sdk.consent({ storage: true, marketing: true }));
    if (choose) await visited.getByRole("button", { name: choose }).click();
    await visited.evaluate(() => sdk.flush());
    const wanted = choose || tracks ? "plan_chosen" : "page_view";
    await until(`${wanted} of ${place}`, () => endpoint.events(wanted).length);

    const [view] = endpoint.events("page_view");
    const [anonymousId, sessionId] = await visited.evaluate(() => [sdk.getAnonymousId(), sdk.getSessionId()]);
    assert.match(sessionId, kUuid);
    assert.deepEqual([view.sid, view.aid, view.touch.source], [sessionId, anonymousId, "letter"]);
    assert.deepEqual([endpoint.requests[0].body.site, endpoint.requests[0].body.key], ["demo", "wk_demo"]);
    for (const chosen of endpoint.events("plan_chosen")) assert.deepEqual([chosen.sid, chosen.p], [sessionId, { plan: "pro" }]);
    if (accept) assert.equal(await visited.getByRole("button", { name: accept }).count(), 0);
    if (isKept) {
      await visited.reload();
      await visited.waitForFunction((id) => window.sdk?.getSessionId?.() == id, sessionId);
    }
    assert.deepEqual(errors, []);
    await context.close();
  });

// ---- servers -----------------------------------------------------------------------------------------------

/** A site whose every answer `handle` makes: (Request) → Response. */
const listening = async (t, handle) => {
  const server = createServer(async (request, response) => {
    const answer = await handle(new Request(`http://${request.headers.host}${request.url}`, { headers: request.headers }));
    response.writeHead(answer.status, [...answer.headers].flat());
    response.end(await answer.text());
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
};

/** A visit of a page without a script: the view and cookies after a yes, nothing before. Where the block asks nobody
 * for consent it stays at nothing. */
const visitServed = async (address, { asks }) => {
  endpoint.requests.length = 0;
  const context = await browser.newContext();
  const visited = await context.newPage();
  await visited.goto(address + kArrival);
  assert.deepEqual([await context.cookies(), endpoint.requests], [[], []]);
  await context.addCookies([{ name: "choice", value: "yes", url: address }]);
  await visited.goto(address + kArrival);
  assert.match(await visited.content(), /page/);
  if (!asks) assert.deepEqual(endpoint.requests, []);
  else {
    await until("the view", () => endpoint.events("page_view").length);
    const [{ sid, aid, touch, ev }] = endpoint.events();
    const cookie = (await context.cookies()).find((one) => one.name == "tl.demo");
    assert.ok(cookie.httpOnly && cookie.value.startsWith(`${aid}.${sid}.`), cookie.value);
    assert.deepEqual([touch.source, new URL(ev.u).origin], ["letter", "https://shop.example"]);
  }
  await context.close();
};
const kPage = () => new Response("page", { headers: { "content-type": "text/html" } });

for (const [block, serve] of [
  [take("docs/packages.md", "handle: Handle"), ({ handle }) => (request) => handle({ event: { request }, resolve: kPage })],
  [take("docs/packages.md", "onRequest"), ({ onRequest }) => (request) => onRequest({ request }, async () => kPage())],
  [take("docs/packages.md", "export const proxy"), ({ proxy }) => (request) => proxy(request, { waitUntil() {} })],
])
  test(`${placeOf(block)}: captures a page without a script`, async (t) => {
    await visitServed(await listening(t, serve(await imported(block))), { asks: block.code.includes("consent:") });
  });

test(`${placeOf(take("docs/packages.md", "Node's http"))}: Node's http, a handler of Requests, and the banner's form`, async (t) => {
  const made = [];
  const { createServer: own } = http;
  http.createServer = (...args) => (made.push(own(...args)), made.at(-1));
  syncBuiltinESMExports();
  const shown = await imported(take("docs/packages.md", "Node's http"));
  http.createServer = own;
  syncBuiltinESMExports();
  const [server] = made;
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => (server.closeAllConnections(), server.close()));
  await visitServed(`http://127.0.0.1:${server.address().port}`, { asks: true });

  const asked = (cookie) => new Request("https://shop.example/?utm_source=letter", { headers: { cookie, "sec-fetch-dest": "document", accept: "text/html" } });
  const linked = /client_reference_id=(tl1_\S+?)"/;
  assert.match(await (await shown.handler(asked("choice=yes"))).text(), linked);
  assert.doesNotMatch(await (await shown.handler(asked(""))).text(), linked);
  endpoint.requests.length = 0;
  const chosen = await shown.choose(new Request("https://shop.example/choice", { method: "POST", headers: { referer: "https://shop.example/?utm_source=letter" } }));
  assert.deepEqual([chosen.status, chosen.headers.get("location")], [303, "/"]);
  assert.match(chosen.headers.get("set-cookie"), /^tl\.demo=/);
  await until("the receipt", () => endpoint.requests.some(({ path }) => path == "/api/consent"));
  const { consent, platform, text_version } = endpoint.requests.find(({ path }) => path == "/api/consent").body;
  assert.deepEqual([consent.s, consent.m, platform, text_version], [1, 0, "own_banner", "3"]);
});

const kit = {
  layout: take("docs/install/sveltekit.md", "$props"),
  banner: take("docs/install/sveltekit.md", "onMount"),
  hooks: take("docs/install/sveltekit.md", "handle: Handle"),
};
test(`${Object.values(kit).map(placeOf).join(", ")}: SvelteKit builds and serves them`, async (t) => {
  const shop = join(here, "build/sveltekit");
  rmSync(shop, { recursive: true, force: true });
  mkdirSync(join(shop, "src/routes"), { recursive: true });
  const put = (name, code) => writeFileSync(join(shop, name), withEndpoint(code));
  put("package.json", '{ "type": "module" }');
  put("svelte.config.js", "export default {};");
  put("vite.config.js", 'import { sveltekit } from "@sveltejs/kit/vite";\nexport default { logLevel: "error", plugins: [sveltekit()] };');
  put("src/app.html", '<!doctype html><html lang="en"><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>');
  put("src/routes/+layout.svelte", withBanner(kit.layout.code).replace("init({", "if (globalThis.window) window.sdk = throughline;\n  init({").replace("{ init }", "{ init, throughline }"));
  put("src/routes/Banner.svelte", kit.banner.code);
  put("src/routes/+page.svelte", '<script>\n  import Banner from "./Banner.svelte";\n</script>\n\n<main>page</main><Banner />');
  put("src/hooks.server.ts", kit.hooks.code);
  const tool = join(here, "node_modules/vite/bin/vite.js");
  execFileSync(process.execPath, [tool, "build"], { cwd: shop, stdio: "pipe" });
  const running = spawn(process.execPath, [tool, "preview", "--port", "0", "--host", "127.0.0.1", "--logLevel", "info"], { cwd: shop, env: { ...process.env, NO_COLOR: "1" } });
  t.after(() => running.kill());
  let told = "";
  running.stdout.on("data", (data) => (told += data));
  await until("SvelteKit runs", () => /http:\S+/.test(told));
  const [address] = /http:\/\/[^\s/]+/.exec(told);

  endpoint.requests.length = 0;
  const context = await browser.newContext();
  const visited = await context.newPage();
  const errors = [];
  visited.on("pageerror", (error) => errors.push(String(error)));
  await visited.goto(address + kArrival);
  assert.match(await visited.content(), /<main>page<\/main>/);
  await visited.getByRole("button", { name: "Accept" }).waitFor();
  await visited.waitForFunction(() => window.sdk?.getSessionId);
  assert.deepEqual(endpoint.requests, []);
  await visited.getByRole("button", { name: "Accept" }).click();
  await until("the script's view", () => endpoint.events("page_view").length);
  const [{ sid, touch }] = endpoint.events("page_view");
  assert.deepEqual([sid, touch.source], [await visited.evaluate(() => sdk.getSessionId()), "letter"]);

  // The next page is captured by the hook as well, for there is the choice's cookie now.
  endpoint.requests.length = 0;
  await visited.reload();
  await visited.waitForFunction((id) => window.sdk?.getSessionId?.() == id, sid);
  await until("the hook's view", () => endpoint.requests.some(({ path, headers }) => path == "/api/events" && !headers.origin));
  const cookie = (await context.cookies()).find(({ name }) => name == "tl.demo");
  assert.ok(cookie?.httpOnly, JSON.stringify(cookie));
  assert.equal(await visited.getByRole("button", { name: "Accept" }).count(), 0);
  assert.deepEqual(errors, []);
  await context.close();
});

test("no block of a framework is left out", () => {
  assert.deepEqual([...pending.keys()], []);
});
