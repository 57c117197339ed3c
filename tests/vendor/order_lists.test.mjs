// SPDX-License-Identifier: Apache-2.0
// import-orders asks as the providers' own packages ask: the same paths, keys, parameters' names and
// way from page to page. A stand-in on loopback answers both alike. The command as a whole: totals,
// a run that is killed goes on, mistakes are named.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { lemonSqueezySetup, listOrders } from "@lemonsqueezy/lemonsqueezy.js";
import { Paddle } from "@paddle/paddle-node-sdk";
import { Polar } from "@polar-sh/sdk";
import { Whop } from "@whop/sdk";
import { GoCardlessClient } from "gocardless-nodejs/client";
import { Client as Mollie } from "mollie-api-typescript";
import Razorpay from "razorpay";
import { SquareClient } from "square";

const binary = process.env.THROUGHLINE_BINARY ?? fileURLToPath(new URL("../../build/release/throughline", import.meta.url));
const SINCE = "2026-09-01";
let server, base, folder, answer;
const seen = [];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tl-lists-"));
  server = createServer((request, response) => {
    const url = new URL(request.url, "http://stand-in");
    seen.push({ path: url.pathname, query: [...url.searchParams.keys()], search: url.searchParams, headers: request.headers });
    const { status = 200, headers = {}, body } = answer(url, request);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

function configure(provider, name, { apiKey = "key_1", settings = "" } = {}) {
  const path = join(folder, `${name}.toml`);
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
[site.payment.${provider}]
webhook_secrets = ["unused"]
api_key = "${apiKey}"
account_id = "biz_1"
base_url = "${base}"
${settings}`);
  return path;
}
const args = (provider, config, since = SINCE) => ["--config", config, "import-orders", provider, "--site", "demo", "--since", since];
function run(provider, config, since) {
  // Asynchronously: the stand-in answers in this very process.
  return new Promise((done) => {
    const child = spawn(binary, args(provider, config, since));
    let out = "", errors = "";
    child.stdout.on("data", (bytes) => { out += bytes; });
    child.stderr.on("data", (bytes) => { errors += bytes; });
    child.on("close", (code) => done({ code, out, errors }));
  });
}

// Two pages of one item each, in the provider's own form.
const lists = {
  whop: {
    page: (items, isLast) => ({ data: items, page_info: { end_cursor: isLast ? null : "cursor_1", has_next_page: !isLast } }),
    items: [{ id: "pay_1", status: "paid", total: 10, currency: "usd", paid_at: "2026-09-21T14:13:20Z" }, { id: "pay_2", status: "paid", total: 54.92, currency: "usd", paid_at: "2026-09-21T14:13:20Z" }],
    isSecond: (url) => url.searchParams.get("after") === "cursor_1",
    path: "/api/v1/payments",
    async theirs() {
      const pages = new Whop({ apiKey: "key_1", baseURL: `${base}/api/v1` }).payments.list({ company_id: "biz_1", first: 50, direction: "asc", updated_after: "2026-09-01T00:00:00.000Z" });
      for await (const payment of pages) assert.ok(payment.id);
    },
  },
  polar: {
    page: (items) => ({ items, pagination: { total_count: 2, max_page: 2 } }),
    items: [{ id: "or_1", status: "paid", total_amount: 2500, currency: "eur", created_at: "2026-09-21T14:13:20Z" }, { id: "or_2", status: "paid", total_amount: 100, currency: "eur", created_at: "2026-09-20T14:13:20Z" }],
    isSecond: (url) => url.searchParams.get("page") === "2",
    isAfter: (url) => Number(url.searchParams.get("page")) > 2,
    path: "/v1/orders/",
    async theirs() {
      await new Polar({ accessToken: "key_1", serverURL: base }).orders.list({ limit: 50, sorting: ["-created_at"] }).catch(() => {}); // our items lack much that it checks
    },
  },
  paddle: {
    page: (items, isLast) => ({ data: items, meta: { request_id: "r", pagination: { per_page: 30, next: `${base}/transactions?after=txn_1`, has_more: !isLast, estimated_total: 2 } } }),
    items: [{ id: "txn_1", status: "completed", currency_code: "EUR", billed_at: "2026-09-21T14:13:20Z", details: { totals: { grand_total: "2500" } } }, { id: "txn_2", status: "completed", currency_code: "EUR", billed_at: "2026-09-21T14:13:20Z", details: { totals: { grand_total: "900" } } }],
    isSecond: (url) => url.searchParams.get("after") === "txn_1",
    path: "/transactions",
    async theirs() {
      const list = new Paddle("key_1", { environment: base }).transactions.list({ perPage: 30, orderBy: "id[ASC]", include: ["customer"], "updatedAt[GTE]": "2026-09-01T00:00:00.000Z" });
      await list.next().catch(() => {});
    },
  },
  lemonsqueezy: {
    page: (items) => ({ data: items, meta: { page: { currentPage: 1 } } }),
    items: ["1", "2"].map((id) => ({ type: "orders", id, attributes: { status: "paid", total: 2500, currency: "EUR", user_email: "jane@example.com", created_at: "2026-09-21T14:13:20Z", refunded_amount: 0 } })),
    isSecond: (url) => url.searchParams.get("page[number]") === "2",
    isAfter: (url) => Number(url.searchParams.get("page[number]")) > 2,
    path: "/v1/orders",
    async theirs() {
      const { fetch } = globalThis;
      globalThis.fetch = (url, options) => fetch(String(url).replace("https://api.lemonsqueezy.com", base), options);
      try {
        lemonSqueezySetup({ apiKey: "key_1" });
        assert.equal((await listOrders({ page: { size: 50 } })).error, null);
      } finally {
        globalThis.fetch = fetch;
      }
    },
  },
  mollie: {
    page: (items, isLast) => ({ count: items.length, _embedded: { payments: items }, _links: isLast ? {} : { next: { href: `${base}/v2/payments?from=tr_2`, type: "application/hal+json" } } }),
    items: ["tr_2", "tr_1"].map((id) => ({ resource: "payment", id, mode: "live", status: "paid", amount: { currency: "EUR", value: "25.00" }, createdAt: "2026-09-21T14:13:20+00:00" })),
    isSecond: (url) => url.searchParams.get("from") === "tr_2",
    path: "/v2/payments",
    async theirs() {
      await new Mollie({ security: { apiKey: "key_1" }, serverURL: base }).payments.list({ limit: 100 }).catch(() => {});
    },
  },
  gocardless: {
    page: (items, isLast, name) => ({ [name]: items, meta: { cursors: { before: null, after: isLast ? null : "PM1" }, limit: 100 } }),
    items: ["PM1", "PM2"].map((id) => ({ id, amount: 2500, currency: "GBP", status: "confirmed", created_at: "2026-09-21T14:13:20.000Z", metadata: {}, links: { mandate: "MD1" } })),
    isSecond: (url) => url.searchParams.get("after") === "PM1",
    path: "/payments",
    async theirs() {
      const client = new GoCardlessClient("key_1", "live");
      client._api._baseUrl = base;
      await client.payments.list({ limit: "100", created_at: { gte: "2026-09-01T00:00:00.000Z" } }).catch(() => {});
    },
  },
};

lists.razorpay = {
  apiKey: "rzp_1:secret_1",
  page: (items) => ({ entity: "collection", count: items.length, items }),
  items: ["pay_2", "pay_1"].map((id) => ({ id, entity: "payment", order_id: `order_of_${id}`, status: "captured", amount: 2500, currency: "INR", email: "jane@example.com", notes: [], created_at: 1790000000 })),
  isSecond: (url) => url.searchParams.get("skip") === "1",
  isAfter: (url) => Number(url.searchParams.get("skip")) > 1,
  path: "/v1/payments",
  async theirs() {
    const client = new Razorpay({ key_id: "rzp_1", key_secret: "secret_1" });
    client.api.rq.defaults.baseURL = base;
    await client.payments.all({ from: 1788220800, count: 100, skip: 1 });
  },
};
lists.square = {
  settings: 'notification_url = "https://shop.example/api/webhook/square/demo"\n',
  page: (items, isLast) => (items.length === 0 ? {} : { payments: items, ...(isLast ? {} : { cursor: "cursor_1" }) }),
  items: ["sq_1", "sq_2"].map((id) => ({ id, status: "COMPLETED", total_money: { amount: 2500, currency: "USD" }, created_at: "2026-09-21T14:13:20.123Z", updated_at: "2026-09-21T14:13:21.123Z", location_id: "biz_1" })),
  isSecond: (url) => url.searchParams.get("cursor") === "cursor_1",
  path: "/v2/payments",
  async theirs() {
    const client = new SquareClient({ token: "key_1", baseUrl: base });
    await client.payments.list({ locationId: "biz_1", limit: 100, updatedAtBeginTime: "2026-09-01T00:00:00.000Z", sortField: "UPDATED_AT", sortOrder: "ASC" });
  },
};

const isSome = (value) => value !== undefined && value !== "";
for (const [provider, { page, items, isSecond, isAfter = () => false, path, theirs, apiKey, settings }] of Object.entries(lists))
  test(`${provider}'s orders are asked for as its own package asks`, async () => {
    answer = (url) => {
      if (url.pathname !== path || isAfter(url)) return { body: page([], true, url.pathname.slice(1)) };
      return { body: isSecond(url) ? page([items[1]], true, "payments") : page([items[0]], false, "payments") };
    };
    seen.length = 0;
    const config = configure(provider, provider, { apiKey, settings });
    const { code, out, errors } = await run(provider, config);
    assert.equal(code, 0, errors);
    assert.match(out, /2 read, 2 events new, 0 known already\n/);
    const ours = seen.filter((request) => request.path === path);
    const named = new Set(ours.flatMap(({ query }) => query));
    assert.ok(ours.length >= 2);

    seen.length = 0;
    await theirs();
    const [first] = seen;
    assert.ok(first, "the package asked nothing");
    assert.equal(first.path.replace(/\/$/, ""), path.replace(/\/$/, ""));
    assert.equal(ours[0].headers.authorization.replace(/^bearer/i, "Bearer"), first.headers.authorization.replace(/^bearer/i, "Bearer"));
    for (const name of first.query.filter((key) => isSome(first.search.get(key))))
      assert.ok(named.has(name), `${name} of ${first.query} is missing in ${[...named]}`);
    const version = Object.keys(first.headers).find((name) => name === "gocardless-version");
    if (version) assert.equal(ours[0].headers[version], first.headers[version]);

    const again = await run(provider, config);
    assert.match(again.out, /2 read, 0 events new, 2 known already\n/);
  });

const shopOrder = (id) => ({ id, order_key: `wc_order_${id}`, status: "completed", total: "19.90", currency: "EUR", date_paid_gmt: "2026-09-21T14:13:20", date_modified_gmt: "2026-09-21T14:13:21", refunds: [] });

test("an import that is killed goes on, and waits as long as it is told", async () => {
  const config = configure("woocommerce", "killed", { apiKey: "ck_1:cs_1" });
  let child, isBusy = true;
  answer = (url) => {
    const page = Number(url.searchParams.get("page") ?? 1);
    if (page === 3 && child) {
      child.kill("SIGKILL");
      child = null;
    }
    if (page === 4 && isBusy) {
      isBusy = false;
      return { status: 429, headers: { "retry-after": "3" }, body: {} };
    }
    return { body: page > 5 ? [] : [shopOrder(page)] };
  };
  child = spawn(binary, args("woocommerce", config));
  await new Promise((done) => child.on("close", done));
  seen.length = 0;
  const { code, out, errors } = await run("woocommerce", config);
  assert.equal(code, 0, errors);
  assert.equal(seen[0].search.get("page"), "3");
  assert.equal(seen[0].headers.authorization, `Basic ${Buffer.from("ck_1:cs_1").toString("base64")}`);
  assert.match(errors, /goes on where the last run stopped/);
  assert.match(errors, /waiting 3 s/);
  // All that was changed since the first run began is read once more.
  assert.match(out, /10 read, 5 events new, 5 known already/);
});

test("mistakes are named and end with the right code", async () => {
  answer = () => ({ status: 401, body: {} });
  const config = configure("woocommerce", "mistakes");
  const refused = await run("woocommerce", config);
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /refused the API key.*site\.payment\.woocommerce\.api_key/);
  for (const [given, words] of [[["nobody"], /can from stripe, whop/], [["adyen"], /Adyen sends|Customer Area/], [["paypal"], /developer dashboard/], [["custom"], /POST \/api\/conversions/], [["stripe"], /has no \[site\.payment\.stripe\]/], [["woocommerce", config, "soon"], /write a date/]]) {
    const [provider, path = config, since] = given;
    const { status, stderr } = spawnSync(binary, args(provider, path, since), { encoding: "utf8" });
    assert.equal(status, 2);
    assert.match(stderr, words);
  }
});
