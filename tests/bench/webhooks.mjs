// SPDX-License-Identifier: Apache-2.0
// Webhook benchmark: how many signed sales a second are verified, kept and counted, how many forged ones
// are refused, how long an acknowledgement takes at 50 requests a second while every destination but one
// takes requests and never answers, and how long that one waits for its sales. Usage: tools/bench webhooks [seconds]
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { demoConfig } from "../../demo-site/demo_config.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const seconds = Number(process.argv[2] ?? 20);
const CONNECTIONS = 32, RATE = 50, THROUGHPUT_S = 5, DELIVERY_MOST_S = 30, VISITORS = 50;
const SECRET = "whsec_sandbox";  // of demo_config.mjs
const home = fs.mkdtempSync(path.join(process.env.TL_BENCH_DIR ?? os.tmpdir(), "throughline-bench-"));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

// Takes every request and answers PostHog's alone: the healthy destination, by order id when its sales came.
const HEALTHY = "/batch/";
const hanging = { sockets: new Set(), paths: new Set() };
const arrivals = new Map();
const silence = http.createServer((request, response) => {
  const where = request.url.split("?")[0];
  hanging.paths.add(where);
  if (where !== HEALTHY) return void request.resume();
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (part) => { text += part; });
  request.on("end", () => {
    for (const { event, properties } of JSON.parse(text).batch) if (event === "purchase") arrivals.set(properties.order_id, performance.now());
    response.writeHead(200, { "content-type": "application/json" }).end(`{"status":"Ok"}`);
  });
});
silence.on("connection", (socket) => { hanging.sockets.add(socket); socket.on("close", () => hanging.sockets.delete(socket)); });
const silent = `http://127.0.0.1:${await listen(silence)}`;
const probe = net.createServer();
const server = `http://127.0.0.1:${await listen(probe)}`;
await new Promise((resolve) => probe.close(resolve));

const config = path.join(home, "throughline.toml");
fs.writeFileSync(path.join(home, "secret"), crypto.randomBytes(32).toString("hex"));
fs.writeFileSync(config, demoConfig({ folder: home, server, site: "https://shop.example", sandbox: silent, vendors: true }).replace("[server]\n", "[server]\nrate_limit_per_ip = 0\n"));
const log = fs.openSync(path.join(home, "log"), "w");
const child = spawn(path.join(root, "build/release/throughline"), ["serve", "--config", config], { stdio: ["ignore", log, log] });
for (let attempt = 0; attempt < 400; ++attempt) {
  if (await fetch(`${server}/readyz`).then((reply) => reply.ok, () => false)) break;
  if (child.exitCode !== null) throw new Error(fs.readFileSync(path.join(home, "log"), "utf8"));
  await pause(25);
}

const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
function post(where, body, headers) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const request = http.request(server + where, { method: "POST", agent, headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (answer) => {
      let text = "";
      answer.on("data", (part) => { text += part; });
      answer.on("end", () => resolve({ status: answer.statusCode, text, ms: performance.now() - begun }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

// Visitors who permit everything, so that their sales are forwarded at once.
async function visitor() {
  const body = JSON.stringify({ v: 1, site: "demo", key: "wk_demo", rv: 0, sent: Date.now(), pn: crypto.randomBytes(16).toString("hex"),
    e: [{ n: "page_view", seq: 1, t: Date.now(), c: { s: 1, m: 1 }, ev: { u: "https://shop.example/?utm_source=google&utm_medium=cpc&gclid=Cj0abc" } }] });
  const { status, text } = await post("/api/events", body, { "content-type": "text/plain", origin: "https://shop.example" });
  if (status !== 202) throw new Error(`a visitor was answered ${status}: ${text}`);
  const { anonymous_id, session_id } = JSON.parse(text);
  if (!anonymous_id || !session_id) throw new Error(`a visitor was answered without ids: ${text}`);
  return { anonymous_id, session_id, checkout_started_at: String(Date.now()) };
}
const visitors = [];
for (let i = 0; i < VISITORS; ++i) visitors.push(await visitor());

let number = 0;
function sale() {
  const key = `${process.pid}${++number}`;
  const metadata = visitors[number % VISITORS], created = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({
    id: `evt_${key}`, object: "event", api_version: "2026-10-28.endive", created, livemode: true, pending_webhooks: 1, type: "checkout.session.completed",
    data: { object: {
      id: `cs_live_${key}`, object: "checkout.session", amount_subtotal: 4990, amount_total: 4990, created, currency: "eur", livemode: true, mode: "payment", payment_intent: `pi_${key}`,
      payment_status: "paid", status: "complete", customer_details: { email: `buyer${number % VISITORS}@example.org`, name: "Zoë Keeper", address: { country: "CZ" } }, metadata,
    } },
  }, null, 2);
  return { order: `pi_${key}`, body };
}
const signature = (body, secret = SECRET) => {
  const t = Math.floor(Date.now() / 1000);
  return `t=${t},v1=${crypto.createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
};
const send = (body, secret) => post("/api/webhook/stripe/demo", body, { "content-type": "application/json", "stripe-signature": signature(body, secret) });

// As many as go through, in a second.
async function throughput(label, expected, make) {
  const end = performance.now() + THROUGHPUT_S * 1000;
  let answered = 0, other = 0;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (performance.now() < end) ((await make()).status === expected ? ++answered : ++other);
  }));
  if (other > 0) throw new Error(`${label}: ${other} of ${other + answered} were not answered ${expected}`);
  console.log(`${label.padEnd(48)} ${(answered / THROUGHPUT_S).toFixed(0).padStart(7)}/s at ${CONNECTIONS} connections`);
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)];
// One every 20 ms whatever the answers do, so that a slow answer delays no later one.
async function acknowledgements() {
  const pending = [];
  const begun = performance.now();
  for (let i = 0; i < RATE * seconds; ++i) {
    const wait = begun + (i * 1000) / RATE - performance.now();
    if (wait > 0) await pause(wait);
    const { order, body } = sale();
    pending.push(send(body).then((answer) => ({ ...answer, order, told: performance.now() })));
  }
  const answers = await Promise.all(pending);
  const bad = answers.filter(({ status }) => status !== 200);
  if (bad.length > 0) throw new Error(`${bad.length} sales were not acknowledged: ${bad[0].status} ${bad[0].text}`);
  return answers;
}
const ascending = (list) => list.sort((a, b) => a - b);

// From the acknowledgement of each sale to its arrival at the destination that answers.
async function deliveryWaits(answers) {
  for (const end = performance.now() + DELIVERY_MOST_S * 1000; performance.now() < end && answers.some(({ order }) => !arrivals.has(order)); ) await pause(50);
  return ascending(answers.map(({ order, told }) => Math.max(0, (arrivals.get(order) ?? Infinity) - told)));
}

console.log(`${os.cpus().length} cores shared with the load generator; every destination but PostHog takes requests and answers none`);
const answers = await acknowledgements();
const acks = ascending(answers.map(({ ms }) => ms));
console.log(`acknowledged ${acks.length} sales at ${RATE}/s`.padEnd(48), `p50 ${quantile(acks, 0.5).toFixed(1)} ms  p99 ${quantile(acks, 0.99).toFixed(1)} ms  most ${acks.at(-1).toFixed(1)} ms; ${hanging.sockets.size} connections hang, ${hanging.paths.size} addresses were asked`);
if (hanging.paths.size < 10) throw new Error(`only ${[...hanging.paths].join(", ")} were told of the sales`);
const waits = await deliveryWaits(answers);
console.log(`told PostHog of them, from the acknowledgement`.padEnd(48), `p50 ${quantile(waits, 0.5).toFixed(0)} ms  p95 ${quantile(waits, 0.95).toFixed(0)} ms  most ${waits.at(-1).toFixed(0)} ms`);
await throughput("signed sales: verified, kept and counted", 200, () => send(sale().body));
await throughput("forged ones: refused", 401, () => send(sale().body, "whsec_other"));
const p99 = quantile(acks, 0.99);
console.log(`aim acknowledgement, p99 ${p99.toFixed(1).padStart(29)} ms   ${p99 <= 100 ? "met" : "not met"} (≤ 100)`);
const p95 = quantile(waits, 0.95);
console.log(`aim delivery to the healthy destination, p95 ${p95.toFixed(0).padStart(9)} ms   ${p95 <= 5000 ? "met" : "not met"} (≤ 5000)`);

agent.destroy();
child.kill("SIGTERM");
for (const socket of hanging.sockets) socket.destroy();
await new Promise((resolve) => { if (child.exitCode !== null || child.signalCode !== null) resolve(); else child.once("exit", resolve); });
silence.close();
fs.rmSync(home, { recursive: true });
