// SPDX-License-Identifier: Apache-2.0
// Every example is built by its own tool and visited: nothing before consent, the arrival with its campaign
// after it, an event at a click.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build as viteBuild } from "vite";
import webpack from "webpack";
import { arrive, copyExample, kArrival, openBrowser, openEndpoint, serveFolder, until } from "./example_site.mjs";
import { here, install } from "./package_under_test.mjs";

install();
let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const vite = (folder) => viteBuild({ root: folder, logLevel: "warn", configFile: readdirSync(folder).includes("vite.config.js") ? join(folder, "vite.config.js") : false });

const builds = {
  plain: () => ".",
  "vite-react": async (folder) => (await vite(folder), "dist"),
  vue: async (folder) => (await vite(folder), "dist"),
  svelte: async (folder) => (await vite(folder), "dist"),
  async webpack(folder) {
    const { default: config } = await import(join(folder, "webpack.config.js"));
    const stats = await new Promise((done, fail) => webpack({ ...config, context: folder }, (error, made) => (error ? fail(error) : done(made))));
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    assert.deepEqual([errors, warnings], [[], []]);
    assert.ok(readdirSync(join(folder, "dist")).some((file) => file.endsWith(".wasm")), "the core is a file of its own");
    return ".";
  },
};

for (const [name, build] of Object.entries(builds))
  test(`${name}: builds, waits for consent, counts the arrival`, async (t) => {
    const endpoint = await openEndpoint();
    t.after(endpoint.close);
    const folder = copyExample(name, endpoint.url);
    const site = await serveFolder(join(folder, await build(folder)));
    t.after(site.close);
    await (await arrive(browser, site.url, endpoint)).context().close();
  });

test("node-server: a visit is captured without any script in the page", async (t) => {
  const endpoint = await openEndpoint();
  t.after(endpoint.close);
  const folder = copyExample("node-server", endpoint.url);
  const shop = spawn(process.execPath, ["server.mjs"], { cwd: folder, env: { ...process.env, PORT: "0" } });
  t.after(() => shop.kill());
  const [address] = /http:\S+/.exec(String(await new Promise((done) => shop.stdout.once("data", done))));
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address + kArrival);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(endpoint.requests, []);
  await page.click("#accept");
  await page.click("#choose");
  await until("the event", () => endpoint.events("plan_chosen").length);

  const [view] = endpoint.events("page_view");
  const [chosen] = endpoint.events("plan_chosen");
  assert.deepEqual([view.why, view.touch.source, chosen.sid], ["first", "letter", view.sid]);
  assert.equal(await page.evaluate(() => document.scripts.length), 0);
  const kept = (await context.cookies()).filter(({ name }) => name.startsWith("tl"));
  assert.deepEqual(kept.map(({ name, httpOnly }) => [name, httpOnly]).sort(), [["tl.demo", true], ["tl_tok.demo", true]]);
  await context.close();
});

test("the examples ask for versions that this suite has", () => {
  const have = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).devDependencies;
  const majorOf = (range) => /\d+/.exec(range)[0];
  for (const name of readdirSync(new URL("../../demo-site/examples", import.meta.url))) {
    let manifest;
    try { manifest = JSON.parse(readFileSync(new URL(`../../demo-site/examples/${name}/package.json`, import.meta.url), "utf8")); } catch { continue; }
    for (const [wanted, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      if (have[wanted]) assert.equal(majorOf(range), majorOf(have[wanted]), `${name} wants ${wanted} ${range}`);
  }
});
