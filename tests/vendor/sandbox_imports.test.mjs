// SPDX-License-Identifier: Apache-2.0
// import-orders against the sandbox's providers, whose lists refuse what the vendors' refuse: sales that
// no webhook told come in page by page, over a busy moment and a key that is refused on the way, once.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as PROVIDERS from "../../demo-site/sandbox/providers/index.mjs";
import { startSandbox } from "../../demo-site/sandbox/server.mjs";

const binary = process.env.THROUGHLINE_BINARY ?? fileURLToPath(new URL("../../build/release/throughline", import.meta.url));
const BUYER = { email: "keeper@example.org", name: "Zoë Keeper", country: "CZ" };
// Of five sales one is given back and, where the vendor tells disputes, one disputed and lost: the events
// that import and webhooks have in common.
const EXPECTED = { gumroad: [5, 7], paystack: [6, 6], razorpay: [7, 7], square: [7, 7], chargebee: [17, 6], donorbox: [5, 5] };
// The same in every run, or a run that was stopped would not go on.
const SINCE = new Date(Date.now() - 86_400_000).toISOString();
let folder, sandbox;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tl-imports-"));
  sandbox = await startSandbox({ shop: "http://127.0.0.1:9" });  // where nobody listens
  Object.assign(sandbox.settings, { mostOfAPage: 2, retryBaseMs: 1e5 });
});
after(async () => {
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

const toml = (value) => (Array.isArray(value) ? `[${value.map(toml).join(", ")}]` : JSON.stringify(value));
function configure(name, changed = {}) {
  const path = join(folder, `${name}.toml`);
  const { secret, settings } = PROVIDERS[name];
  const table = { ...settings({ secret, url: "https://shop.example/hook", sandbox: sandbox.url }), ...changed };
  writeFileSync(path, `[server]
secret = "a test secret of more than thirty-two bytes"
allow_private_destinations = true
[store]
url = "sqlite:${join(folder, `${name}.db`)}"
[[site]]
id = "demo"
name = "Demo"
write_key = "wk_demo"
origins = ["https://shop.example"]
[site.payment.${name}]
${Object.entries(table).map(([key, value]) => `${key} = ${toml(value)}`).join("\n")}
`);
  return path;
}
// Of each sale what was paid, in which currency, and what of it went back, a lost dispute too.
const storedIn = (name) => execFileSync("sqlite3", [join(folder, `${name}.db`), "SELECT amount_minor, currency, refunded_minor FROM orders ORDER BY amount_minor"])
  .toString().trim().split("\n");
function expectedOf(name) {
  const { disputed, isRefundedWhole } = PROVIDERS[name];
  const currency = name === "gumroad" ? "USD" : "EUR";  // its prices are in dollars
  const refunded = name === "paystack" ? 0 : isRefundedWhole ? 2501 : 700;  // its refunds come by webhook alone
  return [0, refunded, disputed ? 2502 : 0, 0, 0].map((back, i) => `${2500 + i}|${currency}|${back}`);
}
function run(name, config) {
  return new Promise((done) => {
    const child = spawn(binary, ["--config", config, "import-orders", name, "--site", "demo", "--since", SINCE]);
    let out = "", errors = "";
    child.stdout.on("data", (bytes) => { out += bytes; });
    child.stderr.on("data", (bytes) => { errors += bytes; });
    child.on("close", (code) => done({ code, out, errors }));
  });
}

for (const [name, [read, events]] of Object.entries(EXPECTED))
  test(`${name}'s missed sales come in by its lists`, async () => {
    const account = sandbox.accounts[name];
    const sales = Array.from({ length: 5 }, (_, i) => {
      const payment = account.open({ order: { amount_minor: 2500 + i, currency: "EUR", name: "Light", success_url: "http://shop.test/" } });
      account.pay(payment, BUYER);
      return payment.id;
    });
    account.act(sales[1], "refund", PROVIDERS[name].isRefundedWhole ? {} : { amount: "700" });
    if (PROVIDERS[name].disputed) {
      account.act(sales[2], "dispute");
      account.act(sales[2], "lose");
    }

    const stranger = await run(name, configure(name, { api_key: "nobody" }));
    assert.equal(stranger.code, 1, stranger.errors);
    assert.match(stranger.errors, /refused the API key/);

    // The first page, a busy moment, the second, and then the key is refused.
    const config = configure(name);
    const take = sandbox.switches.take;
    let asked = 0;
    sandbox.switches.take = (target) => (target !== `${name}_api` ? take(target) : ["ok", "429", "ok", "auth"][asked++] ?? "ok");
    const stopped = await run(name, config);
    assert.equal(stopped.code, 1, stopped.errors);
    assert.match(stopped.errors, /waiting \d s/);
    const done = await run(name, config);
    sandbox.switches.take = take;
    assert.equal(done.code, 0, done.errors);
    assert.match(done.errors, /goes on where the last run stopped/);
    // A run that goes on reads once more what has come since the first one began.
    assert.match(done.out, new RegExp(`\\d+ read, ${events} events new, \\d+ known already\\n`), done.errors);
    assert.deepEqual(storedIn(name), expectedOf(name));
    const again = await run(name, config);
    assert.match(again.out, new RegExp(`${read} read, 0 events new, ${events} known already\\n`));
  });
