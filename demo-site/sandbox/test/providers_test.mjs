// SPDX-License-Identifier: Apache-2.0
// The providers that are rules: they sign as the vendors' packages do, keep of the ids what the vendor
// would keep, tell a sale with all its companions, and repeat as the vendor repeats.
import assert from "node:assert/strict";
import { createHmac, X509Certificate, verify } from "node:crypto";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { crc32 } from "node:zlib";
import * as PROVIDERS from "../providers/index.mjs";
import { startSandbox } from "../server.mjs";

// A shop that keeps what arrives and answers what it is told to.
const shop = { status: 200, got: [] };
let sandbox, server;
before(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    shop.got.push({ url: request.url, headers: request.headers, body, at: Date.now() });
    response.writeHead(shop.status).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  sandbox = await startSandbox({ shop: `http://127.0.0.1:${server.address().port}` });
});
after(async () => {
  await sandbox.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  Object.assign(shop, { status: 200, got: [] });
  Object.assign(sandbox.settings, { copies: 1, order: "natural", concurrent: false, retryBaseMs: 1 });
});

const IDS = { anonymous_id: "01890a5d-ac96-774b-bcce-b302099a8057", session_id: "01890a5d-ac96-774b-bcce-b302099a8058", checkout_started_at: "1790000000000" };
const TOKEN = `tl1_${IDS.anonymous_id}_${IDS.session_id}_muayqhs0`;
const ORDER = { amount_minor: 2500, currency: "EUR", name: "Zoë / Light", success_url: "http://shop.test/thanks?ref={ORDER}" };
// What a page hands over, as the provider takes it.
const GIVEN = {
  adyen: { metadata: IDS }, chargebee: { meta_data: IDS }, custom: { custom: IDS }, donorbox: { utm_content: TOKEN }, gocardless: { metadata: IDS }, gumroad: IDS, lemonsqueezy: { checkout: { custom: IDS } }, mollie: { metadata: IDS }, paddle: { custom_data: IDS }, paypal: { custom_id: TOKEN }, paystack: { metadata: IDS },
  polar: { reference_id: TOKEN, "metadata[x]": "lost" }, razorpay: { notes: IDS }, shopify: { attributes: IDS }, square: { reference_id: IDS.anonymous_id }, whop: { metadata: IDS }, whop_older: { checkout_session_metadata: IDS },
  woocommerce: { tl_anonymous_id: IDS.anonymous_id, tl_session_id: IDS.session_id },
};
// Where the payment's own API tells what its webhooks only name.
const LOOKED_UP = {
  mollie: ({ charges: [{ key }] }) => [`/v2/payments/tr_${key}`, "live_sandbox"],
  gocardless: ({ charges: [{ key }] }) => [`/payments/PM${key}`, "live_sandbox_token"],
};
const settled = async () => { while (!Object.values(sandbox.accounts).every((account) => account.isIdle())) await new Promise((resolve) => setTimeout(resolve, 2)); };
function buy(name, order = {}) {
  const account = sandbox.accounts[name];
  const payment = account.open({ order: { ...ORDER, ...order }, ...GIVEN[name] });
  const back = account.pay(payment, { email: "keeper@example.org", name: "Zoë Keeper", country: "CZ" });
  return { account, payment, back };
}
const act = (name, id, action, input) => { sandbox.accounts[name].act(id, action, input); return settled(); };

test("signatures are those that the vendors' own packages made", () => {
  const text = '{"id":"evt_1","type":"payment.succeeded","data":{"amount":1000,"name":"Zoë"}}';
  const vectors = {
    whop: ["ws_0123456789abcdef", "webhook-signature", "v1,UPuWr86MyC2mjA2/3uXVVS6NXJruobgntrOnDp/M3ug="],
    whop_older: ["ws_0123456789abcdef", "x-whop-signature", "t=1700000000,v1=addde4e24364c6bef1015e1393f46d1c9750e164d41bd7c9a46f749b5b198b0c"],
    polar: ["whsec_polarExampleSecret", "webhook-signature", "v1,HJFqeu1LdvdipWlQ/DEmadj/xmasij8oeL1dqr5HVWw="],
    shopify: ["shpss_example", "x-shopify-hmac-sha256", "enQMh+pwsuM/0hea5/Km+u499c4fKCxM8rAlLUnWYtY="],
    paddle: ["pdl_ntfset_example", "paddle-signature", "ts=1700000000;h1=925508cbdc9d82ab8bf5ad3532d31d4d43008c3beca7a1f913868fe42a596564"],
    lemonsqueezy: ["lemon_secret", "x-signature", "72da6b95531ec00e0ff4aed330214f2b70b133918f239cf51fddb27f6d027a9a"],
    woocommerce: ["woo_secret", "x-wc-webhook-signature", "pBH5vi+8LKRTCIq9XXKBM+MBOcfCViu2WSXH5oktWdE="],
    paystack: ["paystack_secret", "x-paystack-signature", "daa59de2f75f9096eb4a5598fb0acdf796c3da0fe7156a787f91453d640de8a646c4085f87a4bd0bcd738ecee611b7a9c5ea64d7acf63d558e8d3fdebae0482b"],
    razorpay: ["rzp_secret", "x-razorpay-signature", "9d70d25939e671bb1b7539c1a32a13e383a48b51d44808286925273d0ed599e4"],
    gocardless: ["gc_secret", "webhook-signature", "8fb6fb23187f3818e46d3b4329e483271efde478cb410a67c4772c3f5d956423"],
    mollie: ["mollie_secret", "x-mollie-signature", "sha256=a828b8af205ec166a609c0fb9884371a8ff5094d4269405666a9075119fdfce1"],
    square: ["square_key", "x-square-hmacsha256-signature", "tKQBs0NWmLp7U4TVi2Eg/5y6/q6zt5iLmS0GID9BgYU="],
  };
  for (const [name, [secret, header, expected]] of Object.entries(vectors)) {
    const headers = PROVIDERS[name].headers({ event: { id: "msg_1", type: "a.b" }, text, secret, seconds: 1700000000, url: "https://example.com/hook" });
    assert.equal(headers[header], expected, name);
  }
  const item = { pspReference: "8535296650153317", merchantAccountCode: "ShopECOM", merchantReference: "order-1", amount: { value: 1000, currency: "EUR" }, eventCode: "AUTHORISATION", success: "true", additionalData: {} };
  const adyen = JSON.parse(PROVIDERS.adyen.write({ body: { notificationItems: [{ NotificationRequestItem: item }] } }, "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"));
  assert.equal(adyen.notificationItems[0].NotificationRequestItem.additionalData.hmacSignature, "TtTJNQ1Tf1LX9F2RMeFx541LZGrohSuPvq+qpnax/GA=");
});

test("PayPal's certificate is where its header says, and made the signature", async () => {
  buy("paypal");
  await settled();
  const { headers, body } = shop.got[1];
  const { pathname, host } = new URL(headers["paypal-cert-url"]);
  assert.equal(host, "api.paypal.com");
  const certificate = new X509Certificate(await (await fetch(sandbox.url + pathname)).text());
  const message = `${headers["paypal-transmission-id"]}|${headers["paypal-transmission-time"]}|${PROVIDERS.paypal.secret}|${crc32(body)}`;
  assert.ok(verify("sha256", Buffer.from(message), certificate.publicKey, Buffer.from(headers["paypal-transmission-sig"], "base64")));
});

for (const name of Object.keys(PROVIDERS)) {
  test(`${name} tells sale, refund, renewal and dispute, with the ids that it carries`, async () => {
    Object.assign(sandbox.settings, { copies: 2, order: "alternate" });
    const { isRenewing, isRefundedWhole, disputed, endpoint } = PROVIDERS[name];
    const { payment, back } = buy(name, isRenewing ? { interval: "month" } : {});
    await settled();
    assert.match(back, /^http:\/\/shop\.test\/thanks\?ref=[^{]+$/);
    assert.ok(shop.got.every(({ url }) => url.startsWith(`/api/webhook/${endpoint ?? name}/demo`)));
    const texts = shop.got.map(({ body }) => decodeURIComponent(body));
    if (LOOKED_UP[name]) {
      const [path, key] = LOOKED_UP[name](payment);
      assert.ok(!texts.some((text) => text.includes(IDS.anonymous_id)), "webhooks only name the payment");
      assert.equal((await fetch(sandbox.url + path)).status, 404, "its API wants a key");
      texts.push(await (await fetch(sandbox.url + path, { headers: { authorization: `Bearer ${key}` } })).text());
    }
    assert.ok(texts.some((text) => text.includes(IDS.anonymous_id)), "the ids come back");
    assert.ok(!shop.got.some(({ body }) => body.includes("lost")));
    // Twice, the second time the other way round, word for word.
    const bodies = shop.got.map(({ body }) => body);
    const withoutMac = (body) => body.replace(/"hmacSignature":"[^"]*"/, "");
    assert.deepEqual(bodies.slice(bodies.length / 2).reverse().map(withoutMac), bodies.slice(0, bodies.length / 2).map(withoutMac));

    const told = async (action, input) => {
      const before = shop.got.length;
      await act(name, payment.id, action, input);
      return shop.got.length - before;
    };
    assert.ok(await told("refund", { amount: isRefundedWhole ? "" : "700" }) > 0);
    if (isRefundedWhole) assert.throws(() => sandbox.accounts[name].act(payment.id, "refund", { amount: "7" }), /refund/);
    else assert.throws(() => sandbox.accounts[name].act(payment.id, "refund", { amount: "1801" }), /from 1 to 1800/);
    if (disputed) {
      assert.ok(await told("dispute") > 0);
      assert.ok(await told("win") > 0);
    } else assert.throws(() => sandbox.accounts[name].act(payment.id, "dispute"), /no disputes/);
    if (isRenewing) {
      assert.ok(await told("renew") > 0);
      assert.deepEqual(payment.charges.map(({ period }) => period), [0, 1]);
    } else assert.throws(() => sandbox.accounts[name].open({ order: { ...ORDER, interval: "month" }, ...GIVEN[name] }), /does not renew/);
    assert.ok(await told("resend") > 0);
  });
}

test("a payment that fails leaves the checkout open, and is told where the vendor tells it", async () => {
  const silent = [];
  for (const name of Object.keys(PROVIDERS)) {
    shop.got = [];
    const account = sandbox.accounts[name];
    const payment = account.open({ order: ORDER, ...GIVEN[name] });
    const form = { email: "keeper@example.org", name: "Zoë Keeper", country: "CZ" };
    const pay = (card) => fetch(`${sandbox.url}/checkout/${payment.id}`, { method: "POST", body: new URLSearchParams({ ...form, card }), redirect: "manual" });
    assert.equal((await pay("4000000000000002")).status, 402, name);
    assert.equal((await fetch(`${sandbox.url}/payments/${payment.id}/decline`, { method: "POST", redirect: "manual" })).status, 303, name);
    await settled();
    if (shop.got.length === 0) silent.push(name);
    assert.deepEqual([payment.charges.length, payment.declined.length], [0, 2], name);
    assert.equal((await pay("4242424242424242")).status, 303, name);
    await settled();
    assert.equal(payment.charges.length, 1, name);
    assert.throws(() => account.decline(payment, form), /paid/);
  }
  assert.deepEqual(silent.sort(), ["gumroad", "lemonsqueezy", "polar", "shopify"]);
});

test("what is not taken comes again as often as the vendor repeats, with the same body", async () => {
  shop.status = 500;
  sandbox.settings.retryBaseMs = 0.001;
  const times = { whop: 4, lemonsqueezy: 4, woocommerce: 1, gumroad: 4, polar: 10, paddle: 61, shopify: 9, paypal: 25 };
  for (const [name, expected] of Object.entries(times)) {
    shop.got = [];
    buy(name);
    await settled();
    const copies = new Map();
    for (const { body, headers } of shop.got) {
      const event = `${headers["x-shopify-topic"]} ${body}`;
      copies.set(event, (copies.get(event) ?? 0) + 1);
    }
    assert.deepEqual([...new Set(copies.values())], [expected], name);
  }
});

test("a vendor that wants 200 is not content with 202", async () => {
  shop.status = 202;
  sandbox.settings.retryBaseMs = 0.001;
  const isRepeating = (name) => sandbox.accounts[name].attempts().some(({ status, attempt }) => status === 202 && attempt > 1);
  for (const name of Object.keys(PROVIDERS)) buy(name);
  await settled();
  assert.deepEqual(Object.keys(PROVIDERS).filter(isRepeating), ["gumroad", "lemonsqueezy", "paddle", "paystack"]);
});

test("the road to the shop can be cut, lose answers and forge", async () => {
  const answers = async (mode) => {
    shop.got = [];
    sandbox.switches.set({ target: "razorpay_webhook", mode, count: 1 });
    const before = sandbox.accounts.razorpay.attempts().length;
    sandbox.settings.retryBaseMs = 0.001;
    buy("razorpay");
    await settled();
    return sandbox.accounts.razorpay.attempts().slice(before)[0];
  };
  assert.match((await answers("timeout")).answer, /road is cut/);
  const lost = await answers("500");
  assert.deepEqual([lost.status, /answer 200 lost/.test(lost.answer)], [500, true]);
  await answers("reject");
  const isRight = ({ headers, body }) => headers["x-razorpay-signature"] === createHmac("sha256", PROVIDERS.razorpay.secret).update(body).digest("hex");
  assert.deepEqual(shop.got.map(isRight), [false, true, true]);
});

test("what the vendor would refuse is refused with a sentence", async () => {
  const open = async (name, body) => {
    const reply = await fetch(`${sandbox.url}/checkout/${name}`, { method: "POST", body: JSON.stringify(body) });
    return [reply.status, (await reply.json()).error];
  };
  const cases = [
    ["paypal", { custom_id: "x".repeat(128), order: ORDER }, /custom_id.*127/], ["square", { reference_id: TOKEN, order: ORDER }, /reference_id.*40/], ["razorpay", { notes: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`n${i}`, "x"])), order: ORDER }, /at most 15 pairs/],
    ["whop", { metadata: { a: 1 }, order: ORDER }, /a must be text/], ["whop", { order: { ...ORDER, amount_minor: 0 } }, /amount_minor/], ["whop", { order: { ...ORDER, currency: "euro" } }, /currency/], ["whop", { order: { ...ORDER, success_url: "javascript:alert(1)" } }, /success_url/], ["whop", {}, /amount_minor/],
  ];
  for (const [name, body, sentence] of cases) {
    const [status, error] = await open(name, body);
    assert.equal(status, 400);
    assert.match(error, sentence);
  }
  assert.equal((await fetch(`${sandbox.url}/checkout/whop`, { method: "POST", body: "{" })).status, 400);
});

test("a link opens a checkout with what stands in its query, and no more of it than the vendor keeps", async () => {
  const query = new URLSearchParams({ reference_id: TOKEN, other: "x", ...Object.fromEntries(Object.entries(ORDER).map(([name, value]) => [`order[${name}]`, value])) });
  const reply = await fetch(`${sandbox.url}/checkout/polar?${query}`);
  assert.match(await reply.text(), /Zoë \/ Light/);
  assert.deepEqual(sandbox.accounts.polar.payments().at(-1).carried, { reference_id: TOKEN });
});
