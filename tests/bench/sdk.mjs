// SPDX-License-Identifier: Apache-2.0
// What the script costs a page at its start: CPU of load, initialisation and first page view in Chromium, when
// the first event reaches the endpoint, and the requests before it, beside an empty page, a script that only sends
// the same request, and other trackers in the same run. Every page is the same but for its script, which comes from
// the endpoint's origin like ours. The ratios of one run are what counts. Usage: tools/bench sdk [rounds]
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openBrowser } from "./browser/pipe.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const fromSdk = (name) => import(pathToFileURL(path.join(root, "sdk-wasm/node_modules", name)));
const { build } = await fromSdk("esbuild/lib/main.js").then((module) => module.default ?? module);
const rounds = Number(process.argv[2] ?? 15);
const kQuietMs = 700; // after the first event: what an SDK does later than that is no start

// Each tracker as its own documentation starts it, for page views alone where that is its choice.
const peers = {
  "plausible tracker": (endpoint) => `import { init } from "@plausible-analytics/tracker";
    init({ domain: "shop.example", endpoint: "${endpoint}/event", captureOnLocalhost: true, logging: false });`,
  "snowplow browser tracker": (endpoint) => `import { newTracker, trackPageView } from "@snowplow/browser-tracker";
    newTracker("sp", "${endpoint}", { appId: "shop" });
    trackPageView();`,
  "posthog-js": (endpoint) => `import posthog from "posthog-js";
    posthog.init("phc_x", { api_host: "${endpoint}", request_batching: false, disable_session_recording: true });`,
};

const scripts = new Map();
// Of the visit under way, by the endpoint's and the shop's clock: when the page was asked for, when its first event
// came, and what the endpoint was asked before.
let visited;
const answered = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type", "content-type": "application/json" };
const endpointServer = createServer((request, response) => {
  const name = request.url.split("?")[0].slice(1);
  request.resume();
  if (request.method == "OPTIONS") ++visited.preflights;
  else if (request.method == "POST") visited.arrive();
  else ++visited.requests;
  if (scripts.has(name)) {
    response.writeHead(200, { "content-type": "text/javascript; charset=utf-8", "access-control-allow-origin": "*", "cache-control": "no-store" });
    return response.end(scripts.get(name));
  }
  const { origin } = request.headers;
  response.writeHead(202, { ...answered, ...(origin && { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" }) });
  response.end("{}");
});
const pages = new Map();
const pageServer = createServer((request, response) => {
  visited.opened ||= performance.now();
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(pages.get(decodeURIComponent(request.url.split("?")[0].slice(1))) ?? "");
});
const listen = (server, host) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(`http://${host}:${server.address().port}`)));
const endpoint = await listen(endpointServer, "localhost");
const shop = await listen(pageServer, "127.0.0.1");

const page = (tag) => `<!doctype html><html lang="en"><title>Shop</title><h1>A page</h1><p>${"Some text. ".repeat(200)}</p>${tag}`;
pages.set("empty page", page(""));
scripts.set("request.js", `fetch("${endpoint}/event", { method: "POST", body: "{}", keepalive: true })`);
pages.set("one request", page(`<script async src="${endpoint}/request.js"></script>`));
scripts.set("throughline.js", await readFile(path.join(root, "build/sdk/throughline.js")));
pages.set("throughline", page(`<script async src="${endpoint}/throughline.js" data-site="demo" data-key="wk_demo" data-consent="granted"></script>`));
for (const [name, source] of Object.entries(peers)) {
  const file = `${name.replace(/\W/g, "-")}.js`;
  const { outputFiles } = await build({ stdin: { contents: source(endpoint), resolveDir: here }, bundle: true, minify: true, write: false, format: "iife", target: "es2021", logLevel: "error" });
  scripts.set(file, Buffer.from(outputFiles[0].contents));
  pages.set(name, page(`<script async src="${endpoint}/${file}"></script>`));
}

const browser = await openBrowser();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function visit(name, throttling) {
  const { browserContextId } = await browser.send("Target.createBrowserContext");
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  // CPU of the main thread, not the time that passes: other processes run too.
  await browser.send("Performance.enable", { timeDomain: "threadTicks" }, sessionId);
  if (throttling > 1) await browser.send("Emulation.setCPUThrottlingRate", { rate: throttling }, sessionId);
  const now = (visited = { opened: 0, sent: 0, requests: 0, preflights: 0 });
  let before;
  const first = new Promise((done) => (now.arrive = () => {
    if (now.sent) return;
    now.sent = performance.now();
    before = { requests: now.requests, preflights: now.preflights };
    done();
  }));
  await browser.send("Page.navigate", { url: `${shop}/${encodeURIComponent(name)}?utm_source=letter&utm_medium=email` }, sessionId);
  if (name != "empty page") await Promise.race([first, pause(8000)]);
  await pause(kQuietMs * Math.min(2, throttling));
  const { metrics } = await browser.send("Performance.getMetrics", {}, sessionId);
  const of = (metric) => metrics.find((each) => each.name == metric).value * 1000;
  await browser.send("Target.disposeBrowserContext", { browserContextId });
  return { cpu: of("TaskDuration"), script: of("ScriptDuration"), sent: now.sent && now.sent - now.opened, ...(before ?? { requests: 0, preflights: 0 }) };
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const files = { "throughline": "throughline.js", "one request": "request.js" };
async function measure(throttling) {
  const runs = new Map([...pages.keys()].map((name) => [name, []]));
  for (const name of pages.keys()) await visit(name, throttling); // warms the browser's own caches
  for (let round = 0; round < rounds; ++round) for (const name of pages.keys()) runs.get(name).push(await visit(name, throttling));
  const rows = new Map([...runs].map(([name, all]) => [name, Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((run) => run[key]))]))]));
  const empty = rows.get("empty page");
  console.log(`\nCPU ${throttling > 1 ? `throttled ${throttling}×` : "unthrottled"}, medians of ${rounds}`);
  for (const [name, row] of rows) {
    row.over = row.cpu - empty.cpu;
    const size = scripts.get(files[name] ?? `${name.replace(/\W/g, "-")}.js`)?.length;
    console.log(`${name.padEnd(26)} ${row.cpu.toFixed(1).padStart(7)} ms main thread  ${row.over.toFixed(1).padStart(6)} over the empty page  ${row.script.toFixed(1).padStart(6)} script` +
      (size ? `  first event after ${row.sent.toFixed(0).padStart(4)} ms  ${row.requests} requests and ${row.preflights} preflights before it  ${(size / 1000).toFixed(0)} kB` : ""));
  }
  return rows;
}

console.log(`${rounds} rounds, ${os.cpus().length} cores, ${(await browser.send("Browser.getVersion")).product}`);
const plain = await measure(1);
const throttled = await measure(4);
await browser.close();
endpointServer.closeAllConnections();
pageServer.closeAllConnections();
endpointServer.close();
pageServer.close();

const small = "plausible tracker";
const ours = throttled.get("throughline"), counter = throttled.get(small);
const aim = (what, value, limit, unit) => console.log(`aim ${what.padEnd(58)} ${value.toFixed(2).padStart(8)} ${unit.padEnd(3)} ${value <= limit ? "met" : "not met"} (≤ ${limit})`);
console.log(`\nratios to ours, throttled: ${[...throttled].filter(([name]) => peers[name]).map(([name, row]) => `${name} ${(row.over / ours.over).toFixed(2)}`).join(", ")}`);
aim("CPU of load, start and first view over an empty page", plain.get("throughline").over, 10, "ms");
aim(`the same at 4× throttling, as a multiple of ${small}`, ours.over / counter.over, 1.5, "");
aim(`first event, later than ${small}`, plain.get("throughline").sent - plain.get(small).sent, 20, "ms");
aim(`the same at 4× throttling`, ours.sent - counter.sent, 20, "ms");
aim("requests before the first event", ours.requests, 1, "");
aim("preflights before the first event", ours.preflights, 0, "");
