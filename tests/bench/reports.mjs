// SPDX-License-Identifier: Apache-2.0
// Reports benchmark: every analytics route over 90 days and 5 million touches, uncached, at the API,
// beside plain SQL over the touches in the same run. Usage: tools/bench reports [touches]
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const touches = Number(process.argv[2] ?? 5_000_000);
const aimMs = 50;
const rounds = 7;
const home = fs.mkdtempSync(path.join(process.env.TL_BENCH_DIR ?? os.tmpdir(), "throughline-reports-"));
const database = path.join(home, "bench.db");
const secret = "a benchmark's secret of more than thirty-two bytes";
const port = 20000 + Math.floor(Math.random() * 20000);
const origin = `http://127.0.0.1:${port}`;
const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const binary = path.join(root, "build/release/throughline");
const config = path.join(home, "throughline.toml");
fs.writeFileSync(config, `[server]
listen = "127.0.0.1:${port}"
public_url = "${origin}"
secret = "${secret}"
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

async function timed(url, key) {
  const times = [];
  let bytes = 0;
  for (let round = 0; round < rounds; ++round) {
    const start = performance.now();
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}`, "cache-control": "no-cache" } });
    bytes = (await answer.text()).length;
    times.push(performance.now() - start);
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
  }
  return { ms: median(times), worst: Math.max(...times), bytes };
}

let server;
try {
  console.log(`${touches} touches over 90 days, ${touches / 100} purchases`);
  execFileSync(path.join(root, "build/release/tests/reports_store"), [database, secret, String(touches)], { stdio: "inherit" });
  console.log(`database: ${(fs.statSync(database).size / 1e6).toFixed(0)} MB`);
  const key = execFileSync(binary, ["--config", config, "key", "add", "--site", "demo", "--scopes", "read,write"]).toString().trim();
  server = spawn(binary, ["--config", config, "serve"], { stdio: "ignore" });
  for (let attempt = 0; attempt < 200; ++attempt) {
    try { await fetch(`${origin}/readyz`); break; } catch { await new Promise((done) => setTimeout(done, 50)); }
  }
  const rows = [];
  for (let back = 0; back < 90; ++back)
    for (const [channel, source] of [["paid_search", "google"], ["paid_social", "facebook"], ["paid_video", "youtube"]])
      for (let campaign = 0; campaign < 6; ++campaign)
        rows.push({ day: day(back), channel, source, campaign: `campaign-${campaign}`, amount_minor: 12_345, currency: "EUR" });
  const posted = await fetch(`${origin}/api/costs`, { method: "POST", body: JSON.stringify({ rows }), headers: { authorization: `Bearer ${key}` } });
  if (posted.status !== 200) throw new Error(await posted.text());

  const range = `startDate=${day(89)}&endDate=${day(0)}`;
  const routes = ["overview", "overview?compare=previous", "by-channel", "by-channel?compare=previous", "by-channel?groupBy=source",
    "by-channel?groupBy=campaign", "by-channel?groupBy=content", "by-channel?groupBy=landing", "by-channel?channel=paid_search&groupBy=campaign",
    "by-channel?attributionModel=linear&groupBy=campaign", "models-compare", "models-compare?groupBy=source", "paths", "time-series", "time-series?groupBy=channel",
    "time-lag", "path-length", "assists", "self-reported", "revisions"];
  let slowest = 0;
  for (const route of routes) {
    const url = `${origin}/api/analytics/attribution/${route}${route.includes("?") ? "&" : "?"}${range}`;
    const { ms, worst, bytes } = await timed(url, key);
    slowest = Math.max(slowest, ms);
    console.log(`${route.padEnd(52)} ${ms.toFixed(1).padStart(8)} ms  worst ${worst.toFixed(1).padStart(7)} ms  ${String(bytes).padStart(8)} bytes${ms > aimMs ? "  OVER" : ""}`);
  }
  const intervals = await timed(`${origin}/api/analytics/attribution/by-channel?intervals=true&attributionModel=linear&${range}`, key);
  console.log(`${"by-channel?intervals=true (reads conversions)".padEnd(52)} ${intervals.ms.toFixed(1).padStart(8)} ms`);

  const from = Date.parse(day(89));
  for (const [label, sql] of [
    ["SQL scan: touches by channel", `SELECT channel, count(*) FROM touch WHERE site_id = 'demo' AND t_ms >= ${from} GROUP BY channel`],
    ["SQL scan: with distinct visitors", `SELECT channel, count(*), count(DISTINCT anonymous_id) FROM touch WHERE site_id = 'demo' AND t_ms >= ${from} GROUP BY channel`]]) {
    const start = performance.now();
    execFileSync("sqlite3", ["-readonly", database, sql]);
    const ms = performance.now() - start;
    console.log(`${label.padEnd(52)} ${ms.toFixed(0).padStart(8)} ms  ${(ms / slowest).toFixed(0)} times the slowest route`);
  }
  console.log(`slowest route ${slowest.toFixed(1)} ms, aim ${aimMs} ms: ${slowest <= aimMs ? "met" : "missed"}`);
} finally {
  server?.kill("SIGTERM");
  fs.rmSync(home, { recursive: true, force: true });
}
