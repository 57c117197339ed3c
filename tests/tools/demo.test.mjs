// SPDX-License-Identifier: Apache-2.0
// tools/demo as a newcomer runs it: all that it prints answers, Ctrl-C ends all of it, and what it says
// when it cannot start as wished. One folder and a small past for all tests; tools/demo --check walks the journey.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "throughline-demo-"));
const demos = [];
let brokenOff;

// A terminal's foreground group: the demo and all that it starts. `said` collects both outputs.
function startDemo(...options) {
  const child = spawn(join(root, "tools/demo"), ["--no-build", "--folder", folder, "--people", "5", ...options],
    { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const demo = { pid: child.pid, said: "", ended: new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal))) };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => { demo.said += data; });
  demo.pressCtrlC = () => process.kill(-child.pid, "SIGINT");
  demos.push(demo);
  return demo;
}
async function says(demo, text) {
  const isOver = demo.ended.then(() => true);
  while (!demo.said.includes(text)) {
    assert.ok(!(await Promise.race([isOver, sleep(50)])) || demo.said.includes(text), `it ended without saying "${text}":\n${demo.said}`);
  }
}
const isRunning = (target) => { try { return process.kill(target, 0); } catch { return false; } };

// Its exit status, within the ten seconds that its parts have; nothing of it is left, and the database was closed.
async function statusOf(demo) {
  const asked = Date.now();
  const status = await demo.ended;
  assert.ok(Date.now() - asked < 12_000, `it took ${Date.now() - asked} ms to end`);
  assert.ok(!isRunning(-demo.pid), execFileSync("ps", ["-eo", "pgid,pid,args"], { encoding: "utf8" }).split("\n").filter((line) => line.trim().startsWith(`${demo.pid} `)).join("\n"));
  assert.ok(!existsSync(join(folder, "throughline.db-wal")), "the database was not closed");
  return status;
}

// The demo's own ports are taken, so that two demos never wish for the same; somebody else may hold one.
const PORTS = [["server", 8787, "dashboard"], ["demo site", 8788, "demo site"], ["sandbox", 8789, "sandbox"]];
const holders = [];
before(async () => {
  for (const [, port] of PORTS) {
    const holder = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve).once("error", resolve));
    holders.push(holder);
  }
});
after(() => {
  for (const { pid } of demos) if (isRunning(-pid)) process.kill(-pid, "SIGKILL");
  for (const holder of holders) holder.close();
  rmSync(folder, { recursive: true });
});

test("Ctrl-C while it seeds ends it, and the next start seeds anew", async () => {
  const demo = startDemo();
  await says(demo, "seeding a year");
  while (!existsSync(join(folder, "throughline.db"))) await sleep(20);
  demo.pressCtrlC();

  assert.equal(await statusOf(demo), 130);
  brokenOff = readFileSync(join(folder, "secret"), "utf8");
});

test("all that it prints answers; Ctrl-C ends it though pages are open, and keeps the orders", async () => {
  const demo = startDemo();
  await says(demo, "Ctrl-C stops everything");
  const urls = demo.said.match(/http:\/\/127\.0\.0\.1:\d+\S*/g);
  assert.equal(urls.length, 6, demo.said);
  assert.match(demo.said, /5 people, /);
  assert.notEqual(readFileSync(join(folder, "secret"), "utf8"), brokenOff, "half a year is forgotten");
  const pages = await Promise.all(urls.map(async (url) => {
    const answer = await fetch(url);
    assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "text/html; charset=utf-8"], url);
    return answer.text();
  }));
  const [site, ad, , dashboard, sandbox, payments] = pages;
  const server = new URL(urls[3]).origin;
  assert.ok(site.includes(`${server}/throughline.js`) && ad === site);
  assert.ok((await fetch(`${server}/throughline.js`)).ok);
  for (const [page, title] of [[dashboard, "Throughline"], [sandbox, "Sandbox"], [payments, "payments"]]) assert.match(page, new RegExp(`<title>.*${title}`, "i"));

  const [, email, password] = /log in as (\S+) with (\S+)/.exec(demo.said);
  const login = await fetch(`${server}/api/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email, password }) });
  assert.equal(login.status, 200);
  const headers = { cookie: login.headers.get("set-cookie").split(";")[0] };
  // The last day was told to the server that sends, so that there is something to see.
  const { destinations } = await (await fetch(`${server}/api/install?site=demo`, { headers })).json();
  for (const name of ["posthog", "webhook"]) assert.ok(destinations.find((entry) => entry.name === name).deliveries.delivered > 0, name);
  const { items: refused } = await (await fetch(`${server}/api/rejects?site=demo`, { headers })).json();
  assert.deepEqual(["bad_amount", "bad_signature", "foreign_origin"].filter((code) => !refused.some((entry) => entry.code === code)), []);
  const live = await fetch(`${server}/api/live?site=demo`, { headers });
  assert.equal(live.status, 200);
  demo.pressCtrlC();

  assert.equal(await statusOf(demo), 0);
  assert.match(demo.said, new RegExp(`stopped; orders, logs and password are in ${folder}`));
  assert.deepEqual(readdirSync(folder).filter((name) => !name.endsWith(".log")).sort(), [".throughline-demo", "password", "secret", "throughline.db", "throughline.db.serving", "throughline.toml"]);
  await live.text().catch(() => {});
});

test("taken ports are named with what is taken instead; a second demo beside it is refused; SIGTERM ends it", async () => {
  const password = readFileSync(join(folder, "password"), "utf8").trim();
  const demo = startDemo();
  await says(demo, "Ctrl-C stops everything");
  for (const [i, [whose, port, name]] of PORTS.entries()) {
    const told = new RegExp(`port ${port} is in use; the ${whose} takes (\\d+)\n`).exec(demo.said);
    assert.ok(told || !holders[i].listening, demo.said);
    assert.match(demo.said, new RegExp(`  ${name} +http://127.0.0.1:${told?.[1] ?? port}/`));
  }
  assert.ok(!demo.said.includes("seeding") && demo.said.includes(`with ${password}`), "a second start goes on with what is there");
  const second = startDemo();
  assert.equal(await second.ended, 1);
  assert.match(second.said, /error: a demo is running in .* already/);
  process.kill(demo.pid, "SIGTERM");

  assert.equal(await statusOf(demo), 0);
});

test("a part that ends by itself ends the demo, which names it", async () => {
  const demo = startDemo();
  await says(demo, "Ctrl-C stops everything");
  const lines = execFileSync("ps", ["-eo", "ppid,pid,args"], { encoding: "utf8" }).split("\n");
  const site = lines.map((line) => line.trim().split(/\s+/)).find(([parent, , ...command]) => Number(parent) === demo.pid && command.includes("demo-site/serve.mjs"));
  process.kill(Number(site[1]), "SIGKILL");

  assert.equal(await statusOf(demo), 1);
  assert.match(demo.said, /error: the site ended by itself; its whole output is in .*site\.log/);
});

test("two demos that start at once take different ports", async () => {
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  const folders = ["one", "two"].map((name) => join(folder, name));
  const starting = folders.map((each) => startDemo("--folder", each));
  const listen = async (each) => {
    for (;;) {
      const [, port] = existsSync(join(each, "throughline.toml")) ? (/^listen = "[^"]*:(\d+)"/m.exec(readFileSync(join(each, "throughline.toml"), "utf8")) ?? []) : [];
      if (port) return port;
      await sleep(20);
    }
  };
  const [first, second] = await Promise.all(folders.map(listen));
  for (const demo of starting) demo.pressCtrlC();
  for (const demo of starting) assert.equal(await statusOf(demo), 130, demo.said);
  assert.notEqual(first, second);
});

test("a folder that is no demo's is not touched, an unknown option is told", async () => {
  const installed = join(folder, "installed");
  mkdirSync(installed);
  writeFileSync(join(installed, "throughline.toml"), "# somebody's own\n");
  const foreign = startDemo("--fresh", "--folder", installed);
  assert.equal(await foreign.ended, 1);
  assert.match(foreign.said, /error: .*installed holds something else than a demo/);
  assert.deepEqual(readdirSync(installed), ["throughline.toml"]);

  const unknown = startDemo("--clean");
  assert.equal(await unknown.ended, 1);
  assert.match(unknown.said, /error: tools\/demo takes .*, not '--clean'/);
  const nowhere = startDemo("--folder");
  assert.equal(await nowhere.ended, 1);
  assert.match(nowhere.said, /error: --folder needs a folder/);
});
