// SPDX-License-Identifier: Apache-2.0
// Reports benchmark: every analytics route over 90 days and 5 million touches, with every grouping,
// filter and comparison, uncached, at the API, beside plain SQL over the touches in the same run.
// Told are the server's CPU time of a request and the time until its answer, which a loaded machine
// makes longer. Usage: tools/bench reports [touches [database]]; a database that is there is used as
// it is, and one that is named stays.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../demo-site/free_port.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const touches = Number(process.argv[2] ?? 5_000_000);
const aimMs = 50;
const intervalsAimMs = 150;  // reads conversions
const rounds = 7;
const home = fs.mkdtempSync(path.join(process.env.TL_BENCH_DIR ?? os.tmpdir(), "throughline-reports-"));
const database = path.resolve(process.argv[3] ?? path.join(home, "bench.db"));
const secret = "a benchmark's secret of more than thirty-two bytes";
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const binary = process.env.THROUGHLINE_BINARY ?? path.join(root, "build/release/throughline");
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

// Of all threads, in milliseconds.
function cpuMs(pid) {
  return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    return sum + Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  }, 0);
}

async function timed(report, parameters, key) {
  const query = new URLSearchParams({ startDate: day(89), endDate: day(0), ...parameters });
  const url = `${origin}/api/analytics/attribution/${report}?${query}`;
  const walls = [], cpus = [];
  for (let round = 0; round < rounds; ++round) {
    const start = performance.now(), before = cpuMs(server.pid);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}`, "cache-control": "no-cache" } });
    await answer.text();
    walls.push(performance.now() - start);
    cpus.push(cpuMs(server.pid) - before);
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
  }
  return { asked: new URLSearchParams(parameters).toString(), cpu: median(cpus), wall: median(walls) };
}

// Each report with all groupings, filters and comparisons that it knows.
const groupings = ["channel", "source", "campaign", "content", "landing"].map((groupBy) => ({ groupBy }));
const filters = [{}, { channel: "paid_search" }, { source: "google" }, { campaign: "campaign-1" }, { content: "ad-1" }, { landing: "/page-1" }];
const comparisons = [{}, { compare: "previous" }];
const product = (...lists) => lists.reduce((made, list) => made.flatMap((one) => list.map((other) => ({ ...one, ...other }))), [{}]);
const questions = [
  ["overview", product(filters, comparisons)],
  ["by-channel", product(groupings, filters, comparisons)],
  ["by-channel", product([{ attributionModel: "linear" }], groupings)],
  ["by-channel", product([{ attributionModel: "linear", intervals: "true" }], groupings), intervalsAimMs],
  ["models-compare", product(groupings, filters)],
  ["time-series", product([{}, { groupBy: "channel" }], filters)],
  ...["paths", "time-lag", "path-length", "assists", "self-reported", "revisions"].map((report) => [report, [{}]]),
];

let server;
try {
  console.log(`${touches} touches over 90 days, ${touches / 100} purchases`);
  if (!fs.existsSync(database))
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

  // The first thing that a server does with a new store is to let its models learn.
  for (let before = -Infinity, now = cpuMs(server.pid); now - before > 5; now = cpuMs(server.pid)) {
    before = now;
    await new Promise((done) => setTimeout(done, 1000));
  }
  let slowest = 0, isMet = true;
  for (const [report, asked, aim = aimMs] of questions) {
    const answers = [];
    for (const parameters of asked) answers.push(await timed(report, parameters, key));
    answers.sort((a, b) => b.cpu - a.cpu);
    const worst = answers[0];
    slowest = Math.max(slowest, worst.cpu);
    isMet = isMet && worst.cpu <= aim;
    console.log(`${report.padEnd(16)} ${String(asked.length).padStart(3)} ways  median ${median(answers.map(({ cpu }) => cpu)).toFixed(1).padStart(6)} ms CPU  most ${worst.cpu.toFixed(1).padStart(6)} ms CPU, ${worst.wall.toFixed(1).padStart(6)} ms${worst.cpu > aim ? "  OVER" : ""}  ${worst.asked}`);
  }

  const from = Date.parse(day(89));
  for (const [label, sql] of [
    ["SQL scan: touches by channel", `SELECT channel, count(*) FROM touch WHERE site_id = 'demo' AND t_ms >= ${from} GROUP BY channel`],
    ["SQL scan: with distinct visitors", `SELECT channel, count(*), count(DISTINCT anonymous_id) FROM touch WHERE site_id = 'demo' AND t_ms >= ${from} GROUP BY channel`]]) {
    const start = performance.now();
    execFileSync("sqlite3", ["-readonly", database, sql]);
    const ms = performance.now() - start;
    console.log(`${label.padEnd(52)} ${ms.toFixed(0).padStart(8)} ms  ${(ms / slowest).toFixed(0)} times the slowest route`);
  }
  console.log(`slowest ${slowest.toFixed(1)} ms CPU, aims ${aimMs} ms, with intervals ${intervalsAimMs} ms: ${isMet ? "met" : "missed"}`);
} finally {
  server?.kill("SIGTERM");
  fs.rmSync(home, { recursive: true, force: true });
}
