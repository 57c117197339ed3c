// SPDX-License-Identifier: Apache-2.0
// Ingest benchmark: durable touches a second, CPU for each, latency and memory, beside two floors in
// the same run: the bare HTTP library (echo_server) and nginx answering 202 without reading on.
// Numbers move with the machine; the ratios of one run are what counts. Usage: tools/bench ingest [seconds]
import { execFileSync, spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
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

async function measure(label, start, port, events, unitsStored) {
  const child = start();
  for (let attempt = 0; attempt < 200; ++attempt) {
    try { await fetch(`http://127.0.0.1:${port}/readyz`); break; } catch { await pause(25); }
  }
  const before = cpuSeconds(child.pid);
  const out = execFileSync("wrk", ["-t2", `-c${connections}`, `-d${seconds}s`, "-s", path.join(here, "ingest.lua"), `http://127.0.0.1:${port}`],
    { env: { ...process.env, TL_EVENTS: String(events) } }).toString();
  const cpu = cpuSeconds(child.pid) - before;
  const result = Object.fromEntries([.../(\w+)=([\d.]+)/g[Symbol.matchAll](/RESULT .*/.exec(out)[0])].map((m) => [m[1], Number(m[2])]));
  const memory = peakMegabytes(child.pid);
  await new Promise((resolve) => { child.once("exit", resolve); child.kill("SIGTERM"); });
  const units = result.requests * events;
  const row = { label, perSecond: units / result.seconds, cpuMicros: (cpu / units) * 1e6, p50: result.p50_us / 1000, p99: result.p99_us / 1000, memory, failed: result.errors + result.non2xx };
  if (unitsStored) row.stored = unitsStored(units);
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
const storedIn = (database) => (sent) => {
  const rows = Number(execFileSync("sqlite3", [database, "SELECT count(*) FROM touch"]).toString());
  return `stored ${rows} of ${sent} answered`;
};

console.log(`${connections} connections, ${seconds} s each, ${os.cpus().length} cores shared with the load generator`);
const nginx = await measure("nginx, answers without a store", () => spawn("nginx", ["-c", nginxConfig], quiet), 18091, 1);
const echo = await measure("echo floor (same library)", () => spawn(path.join(root, "build/release/tests/echo_server"), ["18092", String(connections * 2)], quiet), 18092, 1);
const single = await measure("throughline, one touch a request", product(18093, `${home}/single.db`), 18093, 1, storedIn(`${home}/single.db`));
const batch = await measure("throughline, ten touches a request", product(18094, `${home}/batch.db`), 18094, 10, storedIn(`${home}/batch.db`));
console.log(`ratios: single/echo ${(single.perSecond / echo.perSecond).toFixed(2)}, echo/nginx ${(echo.perSecond / nginx.perSecond).toFixed(2)}, batch/single ${(batch.perSecond / single.perSecond).toFixed(2)} touches; CPU single − echo ${(single.cpuMicros - echo.cpuMicros).toFixed(1)} µs a touch`);
fs.rmSync(home, { recursive: true });
