// SPDX-License-Identifier: Apache-2.0
// Ingest benchmark: durable touches a second, CPU for each, latency and memory, beside two floors in
// the same run: the bare HTTP library (echo_server) and nginx answering 202 without reading on. Then
// how long a new request waits beside idle and slow connections, and a line for each aim. Numbers
// move with the machine; the ratios of one run are what counts. Usage: tools/bench ingest [seconds]
import { execFileSync, spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const seconds = Number(process.argv[2] ?? 8);
const connections = 64;
const home = fs.mkdtempSync(path.join(process.env.TL_BENCH_DIR ?? os.tmpdir(), "throughline-bench-"));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ticks = Number(execFileSync("getconf", ["CLK_TCK"]).toString());

function descendants(pid) {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendants)];
}
function cpuSeconds(pid) {
  return descendants(pid).reduce((sum, each) => {
    const fields = fs.readFileSync(`/proc/${each}/stat`, "utf8").split(") ")[1].split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) / ticks;
  }, 0);
}
const peakMegabytes = (pid) => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

async function running(start, port) {
  const child = start();
  for (let attempt = 0; attempt < 200; ++attempt) {
    try { await fetch(`http://127.0.0.1:${port}/readyz`); break; } catch { await pause(25); }
  }
  return child;
}
const ended = (child) => new Promise((resolve) => { child.once("exit", resolve); child.kill("SIGTERM"); });

async function measure(label, start, port, events, database) {
  const child = await running(start, port);
  const before = cpuSeconds(child.pid);
  const out = execFileSync("wrk", ["-t2", `-c${connections}`, `-d${seconds}s`, "-s", path.join(here, "ingest.lua"), `http://127.0.0.1:${port}`],
    { env: { ...process.env, TL_EVENTS: String(events) } }).toString();
  const cpu = cpuSeconds(child.pid) - before;
  const result = Object.fromEntries([.../(\w+)=([\d.]+)/g[Symbol.matchAll](/RESULT .*/.exec(out)[0])].map((m) => [m[1], Number(m[2])]));
  const memory = peakMegabytes(child.pid);
  const log = database ? logOf(database) : null;
  await ended(child);
  const units = result.requests * events;
  const row = { label, perSecond: units / result.seconds, cpuMicros: (cpu / units) * 1e6, p50: result.p50_us / 1000, p99: result.p99_us / 1000, memory, failed: result.errors + result.non2xx };
  if (database) row.stored = `${storedIn(database)} of ${units} answered are stored; the log started over ${log.restarts} times meanwhile, ${log.megabytes.toFixed(0)} MB`;
  console.log(`${label.padEnd(34)} ${row.perSecond.toFixed(0).padStart(8)}/s  ${row.cpuMicros.toFixed(1).padStart(7)} µs CPU each  p50 ${row.p50.toFixed(2)} ms  p99 ${row.p99.toFixed(2)} ms  ${memory.toFixed(0)} MB  failed ${row.failed}${row.stored ? "  " + row.stored : ""}`);
  return row;
}

const quiet = { stdio: "ignore" };
const nginxConfig = path.join(home, "nginx.conf");
fs.writeFileSync(nginxConfig, `daemon off; worker_processes 2; pid ${home}/nginx.pid; error_log ${home}/error.log;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${home}/body; keepalive_requests 100000000;
  server { listen 127.0.0.1:18091; location / { return 202 '{"accepted":1}'; } } }
`);
function product(port, database) {
  const config = path.join(home, `throughline-${port}.toml`);
  fs.writeFileSync(config, `[server]
listen = "127.0.0.1:${port}"
public_url = "http://127.0.0.1:${port}"
secret = "${crypto.randomBytes(24).toString("hex")}"
rate_limit_per_ip = 0
[store]
url = "sqlite:${database}"
[[site]]
id = "demo"
name = "Bench"
write_key = "wk_demo"
origins = ["*"]
timezone = "Europe/Prague"
currency = "EUR"
`);
  return () => spawn(path.join(root, "build/release/throughline"), ["serve", "--config", config], quiet);
}
const storedIn = (database) => Number(execFileSync("sqlite3", [database, "SELECT count(*) FROM touch"]).toString());
// The write-ahead log's header counts how often the log started over, each time after a complete
// checkpoint (sqlite.org/fileformat.html, section 4.1): a p99 without any says nothing about them.
function logOf(database) {
  const header = Buffer.alloc(32);
  const file = fs.openSync(`${database}-wal`, "r");
  fs.readSync(file, header, 0, 32, 0);
  const megabytes = fs.fstatSync(file).size / 1e6;
  fs.closeSync(file);
  return { restarts: header.readUInt32BE(12), megabytes };
}

// The longest of twenty new connections' requests, while `others` are held open.
async function slowestRequest(port, count, occupy) {
  const sockets = [];
  for (let i = 0; i < count; ++i) {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    sockets.push(socket);
  }
  const stop = occupy(sockets);
  await pause(300);
  let slowest = 0;
  for (let i = 0; i < 20; ++i) {
    const body = JSON.stringify({ v: 1, site: "demo", key: "wk_demo", rv: 0, sent: Date.now(), pn: crypto.randomBytes(16).toString("hex"),
      e: [{ n: "page_view", seq: 1, t: Date.now(), c: { s: 1, m: 1 }, ev: { u: "https://shop.example/film?utm_source=google&utm_medium=cpc" } }] });
    const start = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/api/events`, { method: "POST", body, headers: { "content-type": "text/plain", connection: "close" } });
    await answer.text();
    if (answer.status !== 202) throw new Error(`answered ${answer.status} beside ${count} connections`);
    slowest = Math.max(slowest, performance.now() - start);
  }
  stop();
  for (const socket of sockets) socket.destroy();
  return slowest;
}
const idle = () => () => {};
// A byte of a request's head every 100 ms each.
function dripping(sockets) {
  const head = "POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + "x".repeat(4000);
  let at = 0;
  const timer = setInterval(() => { for (const socket of sockets) socket.write(head[at]); at += 1; }, 100);
  return () => clearInterval(timer);
}

console.log(`${connections} connections, ${seconds} s each, ${os.cpus().length} cores shared with the load generator`);
const nginx = await measure("nginx, answers without a store", () => spawn("nginx", ["-c", nginxConfig], quiet), 18091, 1);
const echo = await measure("echo floor (same library)", () => spawn(path.join(root, "build/release/tests/echo_server"), ["18092", String(connections * 2)], quiet), 18092, 1);
const single = await measure("throughline, one touch a request", product(18093, `${home}/single.db`), 18093, 1, `${home}/single.db`);
const batch = await measure("throughline, ten touches a request", product(18094, `${home}/batch.db`), 18094, 10, `${home}/batch.db`);
const crowded = await running(product(18095, `${home}/crowded.db`), 18095);
const besideIdle = await slowestRequest(18095, 1000, idle);
const besideSlow = await slowestRequest(18095, 64, dripping);
await ended(crowded);
console.log(`ratios: single/echo ${(single.perSecond / echo.perSecond).toFixed(2)}, echo/nginx ${(echo.perSecond / nginx.perSecond).toFixed(2)}, batch/single ${(batch.perSecond / single.perSecond).toFixed(2)} touches; CPU single − echo ${(single.cpuMicros - echo.cpuMicros).toFixed(1)} µs a touch`);
const aim = (what, value, limit, unit, isMet) =>
  console.log(`aim ${what.padEnd(44)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(4)} ${isMet ? "met" : "not met"} (${limit})`);
const atLeast = (what, value, limit, unit) => aim(what, value, `≥ ${limit}`, unit, value >= limit);
const atMost = (what, value, limit, unit) => aim(what, value, `≤ ${limit}`, unit, value <= limit);
atLeast("durable single touches", single.perSecond, 15000, "/s");
atLeast("durable touches in batches of ten", batch.perSecond, 40000, "/s");
atMost("CPU for a single touch", single.cpuMicros, 100, "µs");
atMost("p99, one touch a request", single.p99, 20, "ms");
atMost("p99, ten touches a request", batch.p99, 20, "ms");
atMost("peak memory", Math.max(single.memory, batch.memory), 40, "MB");
atMost("new request beside 1,000 idle connections", besideIdle, 100, "ms");
atMost("new request beside 64 slow connections", besideSlow, 100, "ms");
fs.rmSync(home, { recursive: true });
