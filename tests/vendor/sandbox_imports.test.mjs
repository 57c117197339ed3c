// SPDX-License-Identifier: Apache-2.0
// import-orders against the sandbox's providers, whose lists refuse what the vendors' refuse: sales that
// no webhook told come in page by page, over a busy moment and a key that is refused on the way, once;
// and what lists and webhooks both tell is one, whichever came first.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../../demo-site/free_port.mjs";
import * as PROVIDERS from "../../demo-site/sandbox/providers/index.mjs";
import { startSandbox } from "../../demo-site/sandbox/server.mjs";

const binary = process.env.THROUGHLINE_BINARY ?? fileURLToPath(new URL("../../build/release/throughline", import.meta.url));
const BUYER = { email: "keeper@example.org", name: "Zoë Keeper", country: "CZ" };
// Of five sales one is given back and, where the vendor tells disputes, one disputed and lost: the events
// that import and webhooks have in common, and how often they were read: each page of Mollie's begins with
// the last of the one before.
const EXPECTED = {
  gumroad: [5, 7], paystack: [6, 6], razorpay: [7, 7], square: [7, 7], chargebee: [17, 6], donorbox: [5, 5], gocardless: [6, 7], lemonsqueezy: [5, 6], mollie: [8, 6, 10], paddle: [7, 7], polar: [5, 6], shopify: [5, 6],
  whop: [7, 7], woocommerce: [5, 5],
};
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
const databaseOf = (config) => config.replace(/toml$/, "db");
// Goes on in the table [server].
const base = (name) => `secret = "a test secret of more than thirty-two bytes"
allow_private_destinations = true
rate_limit_per_ip = 0
[store]
url = "sqlite:${join(folder, `${name}.db`)}"
[[site]]
id = "demo"
name = "Demo"
write_key = "wk_demo"
origins = ["https://shop.example"]
`;
const paymentTable = (name, table) => `[site.payment.${name}]
${Object.entries(table).map(([key, value]) => `${key} = ${toml(value)}`).join("\n")}
`;
function configure(name, changed = {}) {
  const path = join(folder, `${name}.toml`);
  const { secret, settings } = PROVIDERS[name];
  const table = { ...settings({ secret, url: "https://shop.example/hook", sandbox: sandbox.url }), ...changed };
  writeFileSync(path, `[server]
${base(name)}${paymentTable(name, table)}`);
  return path;
}
// Of each sale what was paid, in which currency, and what of it went back, a lost dispute too.
const storedIn = (name) => execFileSync("sqlite3", [join(folder, `${name}.db`), "SELECT amount_minor, currency, refunded_minor FROM orders ORDER BY amount_minor"])
  .toString().trim().split("\n");
const NO_DISPUTES = ["mollie", "shopify"];  // their lists tell none
function expectedOf(name) {
  const { isRefundedWhole } = PROVIDERS[name];
  const disputed = PROVIDERS[name].disputed && !NO_DISPUTES.includes(name);
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

for (const [name, [read, events, known = events]] of Object.entries(EXPECTED))
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
    assert.match(again.out, new RegExp(`${read} read, 0 events new, ${known} known already\\n`));
  });

// One server with every provider, its sandbox, and three sales at each: one given back, one disputed and lost, one
// renewed.
async function openHouse() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const own = await startSandbox({ shop: url });
  Object.assign(own.settings, { mostOfAPage: 2, retryBaseMs: 0.001, copies: 1 });
  const config = join(folder, `house-${port}.toml`);
  const accounts = Object.keys(EXPECTED).map((name) => {
    const { secret, settings } = PROVIDERS[name];
    return paymentTable(name, settings({ secret, url: `${url}/api/webhook/${name}/demo`, sandbox: own.url }));
  });
  writeFileSync(config, `[server]
listen = "127.0.0.1:${port}"
${base(`house-${port}`)}${accounts.join("")}${paymentTable("stripe", { webhook_secrets: ["whsec_sandbox"], api_key: "sk_live_sandbox", base_url: own.url })}`);
  return { url, config, sandbox: own };
}
async function serve(house) {
  house.server = spawn(binary, ["serve", "--config", house.config], { stdio: "ignore" });
  for (let i = 0; i < 200 && !(await fetch(`${house.url}/readyz`).catch(() => null))?.ok; i++) await new Promise((later) => setTimeout(later, 50));
}
async function close(house) {
  const gone = new Promise((done) => house.server.once("exit", done));
  house.server.kill();
  await gone;
  await house.sandbox.close();
}
async function until(isSo, what) {
  for (const end = Date.now() + 60_000; !(await isSo()); await new Promise((later) => setTimeout(later, 50))) assert.ok(Date.now() < end, what);
}

async function sell({ sandbox: { accounts, ledger, webhooks } }) {
  const sales = Object.keys(EXPECTED).map((name) => {
    const pay = (amount_minor, interval) => {
      const payment = accounts[name].open({ order: { amount_minor, currency: "EUR", name: "Light", success_url: "http://shop.test/", ...(interval && { interval }) } });
      accounts[name].pay(payment, { ...BUYER, email: `${name}.${amount_minor}@example.org` });
      return payment.id;
    };
    return [accounts[name], pay(3001), pay(3002), PROVIDERS[name].isRenewing && pay(3003, "month")];
  });
  const open = (unit_amount, interval) => ledger.open({
    mode: interval ? "subscription" : "payment", total: unit_amount, currency: "eur", items: [{ unit_amount, quantity: 1, name: "Light", currency: "eur", interval }], metadata: {}, paymentMetadata: {}, subscriptionMetadata: {}, successUrl: "http://shop.test/",
  }, true).id;
  const [returned, disputed, renewed] = [open(3001), open(3002), open(3003, "month")];
  for (const id of [returned, disputed, renewed]) ledger.pay(id, BUYER);
  await new Promise((later) => setTimeout(later, 1100));  // WooCommerce dates what changed by the second
  for (const [account, first, second, third] of sales) {
    account.act(first, "refund", account.provider.isRefundedWhole ? {} : { amount: "700" });
    if (account.provider.disputed) for (const action of ["dispute", "lose"]) account.act(second, action);
    if (third) account.act(third, "renew");
  }
  ledger.refund(returned, 700);
  ledger.dispute(disputed);
  ledger.closeDispute(disputed, "lost");
  ledger.renew(renewed);
  webhooks.publish(ledger.events());
}
async function tellAgain({ sandbox: { accounts, ledger, webhooks } }) {
  for (const account of Object.values(accounts)) for (const event of account.events()) await account.resend(event);
  for (const event of ledger.events()) await webhooks.resend(event);
}
async function areQuiet({ url, sandbox: { accounts, webhooks } }) {
  if (![webhooks, ...Object.values(accounts)].every((sender) => sender.isIdle())) return false;
  return !/^throughline_order_lookups\{.*\} [1-9]/m.test(await (await fetch(`${url}/metrics`)).text());
}
async function importAll(house) {
  for (const name of ["stripe", ...Object.keys(EXPECTED)]) {
    const done = await run(name, house.config);
    assert.equal(done.code, 0, `${name}: ${done.errors}`);
  }
}
const ordersOf = (house) => execFileSync("sqlite3", [databaseOf(house.config), "SELECT provider, order_id, amount_minor, refunded_minor, subscription, email_hash IS NOT NULL FROM orders WHERE state = 2 ORDER BY 1, 3, 4, 5, 2"])
  .toString().trim().split("\n");
// Of each sale what was paid and what of it went back.
const SOLD = Object.fromEntries(["stripe", ...Object.keys(EXPECTED)].map((name) => {
  const { isRenewing, isRefundedWhole, disputed } = PROVIDERS[name] ?? { isRenewing: true, disputed: true };
  return [name, [[3001, isRefundedWhole ? 3001 : 700], [3002, disputed ? 3002 : 0], ...(isRenewing ? [[3003, 0], [3003, 0]] : [])]];
}));

const ordersSold = () => Object.keys(SOLD).sort().flatMap((name) => SOLD[name].map(([amount]) => String(amount)));

test("what lists and webhooks tell is one, whichever came first", async () => {
  for (const isImportedFirst of [true, false]) {
    const house = await openHouse();
    try {
      if (!isImportedFirst) await serve(house);
      await sell(house);
      if (!isImportedFirst) await until(() => areQuiet(house), "the webhooks");
      await importAll(house);
      assert.deepEqual(ordersOf(house).map((row) => row.split("|")[2]), ordersSold());
      if (isImportedFirst) {
        await serve(house);
        await tellAgain(house);
        await until(() => areQuiet(house), "the webhooks");
      }
      const told = ordersOf(house);
      for (const [name, sold] of Object.entries(SOLD)) {
        const own = told.map((row) => row.split("|")).filter(([provider]) => provider === name);
        assert.deepEqual(own.map(([, , amount, back]) => [Number(amount), Number(back)]), sold, name);
        for (const [, , , , , hasAddress] of own) assert.equal(hasAddress, "1", name);
      }
      await importAll(house);
      assert.deepEqual(ordersOf(house), told);
    } finally {
      await close(house);
    }
  }
});
