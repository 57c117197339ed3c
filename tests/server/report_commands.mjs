// SPDX-License-Identifier: Apache-2.0
// The commands behind the reports as an operator runs them, beside a running server with a month of
// visits: train, audit, rebuild, import-costs, and another time zone. Usage: node report_commands.mjs THROUGHLINE
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = process.argv[2];
const room = mkdtempSync(join(tmpdir(), "report-commands-"));
const config = join(room, "throughline.toml");
const file = (name, text) => {
  writeFileSync(join(room, name), text);
  return join(room, name);
};
const run = (...args) => spawnSync(program, ["--config", config, ...args], { encoding: "utf8" });

const probe = createServer();
await new Promise((done) => probe.listen(0, "127.0.0.1", done));
const { port } = probe.address();
await new Promise((done) => probe.close(done));
const origin = `http://127.0.0.1:${port}`;
const configure = (timezone) => file("throughline.toml", `[server]
listen = "127.0.0.1:${port}"
public_url = "${origin}"
secret = "a test's secret of more than thirty-two bytes"
rate_limit_per_ip = 0
[store]
url = "sqlite:${join(room, "shop.db")}"
[[site]]
id = "demo"
name = "Shop"
write_key = "wk_demo"
origins = ["https://shop.example"]
timezone = "${timezone}"
currency = "EUR"
`);
configure("Europe/Prague");
let server, log = "";
async function start() {
  log = "";
  server = spawn(program, ["--config", config, "serve"], { stdio: ["ignore", "ignore", "pipe"] });
  server.stderr.on("data", (text) => { log += text; });
  const end = Date.now() + 30_000;
  for (;;) {
    if (await fetch(`${origin}/readyz`).then((reply) => reply.ok, () => false)) return;
    if (Date.now() > end || server.exitCode !== null) throw new Error("the server did not start");
    await new Promise((done) => setTimeout(done, 25));
  }
}
async function stop() {
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  await ended;
}
try {
  await start();
  const key = run("key", "add", "--site", "demo", "--scopes", "read,write").stdout.trim();
  const seed = fileURLToPath(new URL("../../tools/seed", import.meta.url));
  execFileSync(process.execPath, [seed, "--server", origin, "--key", key, "--page", "https://shop.example", "--size", "150", "--days", "40", "--quiet"]);
  const report = async (name) => (await fetch(`${origin}/api/analytics/attribution/${name}`, { headers: { authorization: `Bearer ${key}`, "cache-control": "no-cache" } })).json();

  // The seed has trained once.
  const trained = run("train", "--site", "demo");
  assert.equal(trained.status, 0, trained.stderr);
  assert.match(trained.stdout, /^demo: purchase, order 1, \d{4}-\d\d-\d\d to .*: \d+ conversions, \d+ journeys without, \d+ states, version 2$/m);
  assert.equal((await report("trained")).trainings[0].version, 2);

  const healthy = run("audit");
  assert.equal(healthy.status, 0, healthy.stdout + healthy.stderr);
  assert.equal(healthy.stdout, "Everything derived is what the evidence says.\n");
  const before = (await report("by-channel")).items;
  const rebuilt = run("rebuild");
  assert.equal(rebuilt.status, 0, rebuilt.stderr);
  assert.match(rebuilt.stdout, /^demo: \d+ touches, 0 in another class, \d+ orders, \d+ conversions$/m);
  assert.deepEqual((await report("by-channel")).items, before);
  assert.equal(run("rebuild", "--keep-configuration").status, 0);
  assert.equal(run("audit").status, 0);

  const today = new Date().toISOString().slice(0, 10);
  const head = "day,channel,source,campaign,amount,currency\n";
  const costs = file("costs.csv", `${head}${today},display,criteo,new,12.50,EUR\n`);
  assert.match(run("import-costs", costs, "--dry-run").stdout, /^would keep 1 rows/);
  assert.match(run("import-costs", costs).stdout, /^kept 1 rows .* replaced 0/);
  assert.match(run("import-costs", costs).stdout, /^kept 1 rows .* replaced 1/);
  const bad = run("import-costs", file("bad.csv", `${head}${today},display,criteo,new,1,EUR\n${today},nowhere,criteo,new,2,EUR\n2026-02-30,display,criteo,new,3,EUR\n`));
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /^line 3: unknown_channel: /m);
  assert.match(bad.stderr, /^line 4: bad_date: /m);
  assert.match(bad.stderr, /Nothing was imported/);
  assert.equal((await report("by-channel?groupBy=campaign&channel=display")).items.find((row) => row.campaign === "new").cost_minor, 1250);

  // Google's clicks by their own ids, without any tag: they meet the export's by the id of the campaign.
  const click = await fetch(`${origin}/api/touch`, { method: "POST", headers: { "content-type": "application/json", origin: "https://shop.example", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36" }, body: JSON.stringify({ site: "demo", write_key: "wk_demo", url: "https://shop.example/?gad_source=1&gad_campaignid=21345678901&gclid=EAIaIQ", consent: { storage: true, marketing: true } }) });
  assert.equal(click.status, 200, await click.text());
  const google = file("google.csv", `Day,Campaign,Campaign ID,Campaign type,Currency code,Cost\n${today},Reach Us,21345678901,Performance Max,EUR,20.00\n`);
  assert.match(run("import-costs", google).stdout, /^kept 1 rows/);
  const met = (await report("by-channel?groupBy=campaign&source=google")).items.find((row) => row.campaign === "21345678901");
  assert.deepEqual([met.channel, met.visits, met.cost_minor, met.campaign_name], ["paid_search", 1, 2000, "Reach Us"]);

  for (const wrong of [["train", "--site", "other"], ["rebuild", "--site", "other"], ["audit", "--limit", "0"], ["import-costs"], ["import-costs", costs, "--map", "nothing"], ["import-costs", costs, "--channel", "nowhere"], ["import-costs", costs, "--decimal", "dot"], ["import-costs", costs, "--site", "other"], ["train", "--what"]])
    assert.equal(run(...wrong).status, 2, wrong.join(" "));
  assert.equal(run("import-costs", join(room, "none.csv")).status, 1);

  // Another time zone: days and reports keep to the old one until a rebuild without the server.
  const days = async () => (await report("time-series")).items.map((day) => day.revenue_minor);
  await stop();

  // What older tables named is named by today's, and says how far it is.
  const figures = async () => {
    await start();
    const read = async (query) => (await report(`by-channel?groupBy=campaign&attributionModel=${query}`)).items;
    const found = { linear: await read("linear"), markov: await read("markov_1_per_conversion") };
    await stop();
    return found;
  };
  const named = await figures();
  execFileSync("sqlite3", [join(room, "shop.db"), `UPDATE touch SET channel = 36, source = referrer_domain, medium = 'referral', evidence = json_set(evidence, '$.cv', '0000beef') WHERE channel = 30;
    UPDATE touch SET campaign = '', evidence = json_set(evidence, '$.cv', '0000beef') WHERE campaign = '21345678901'`]);
  assert.equal(run("rebuild", "--keep-configuration").status, 0);
  assert.equal(run("train").status, 0);
  assert.equal(run("audit").status, 0);
  const misnamed = await figures();
  assert.ok(!misnamed.linear.some((row) => row.channel === "ai_assistant"));
  const shown = spawnSync("script", ["-qec", `'${program}' --config '${config}' rebuild`, "/dev/null"], { encoding: "utf8" });
  assert.equal(shown.status, 0, shown.stdout);
  for (const step of ["touches", "orders", "conversions"]) {
    const [, done, all] = shown.stdout.match(new RegExp(`demo ${step} (\\d+)/(\\d+)\\r?\\n`)) ?? assert.fail(shown.stdout);
    assert.ok(Number(all) > 0 && done === all, step);
  }
  assert.match(shown.stdout, /demo: \d+ touches, [1-9]\d* in another class/);
  assert.equal(run("audit").status, 0);
  assert.deepEqual(await figures(), named);

  configure("Pacific/Auckland");
  await start();
  assert.match(log, /msg=timezone_changed site=demo counted=Europe\/Prague configured=Pacific\/Auckland/);
  assert.equal((await report("time-series")).timezone, "Europe/Prague");
  const counted = await days();
  const install = await (await fetch(`${origin}/api/install`, { headers: { authorization: `Bearer ${key}` } })).json();
  assert.match(install.checks.find((check) => check.id === "timezone").message, /counted in Europe\/Prague/);
  const unmoved = run("audit");
  assert.equal(unmoved.status, 0, unmoved.stdout + unmoved.stderr);
  assert.match(unmoved.stderr, /warning: Site "demo" is configured with timezone Pacific\/Auckland/);
  assert.equal(run("rebuild").status, 1);
  await stop();
  assert.equal(run("rebuild").status, 0);
  await start();
  assert.doesNotMatch(log, /timezone_changed/);
  assert.equal((await report("time-series")).timezone, "Pacific/Auckland");
  assert.notDeepEqual(await days(), counted);
  assert.equal(run("audit").status, 0);
  console.log("ok");
} finally {
  server?.kill("SIGKILL");
  rmSync(room, { recursive: true, force: true });
}
