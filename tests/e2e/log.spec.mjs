// SPDX-License-Identifier: Apache-2.0
// The server's own log names nobody: whatever comes in, goes wrong or comes back from a vendor, no contact,
// address, id or token of a visitor stands in it.
import assert from "node:assert/strict";
import { createHash, createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { until } from "./report_client.mjs";
import { startStage } from "./stage.mjs";

const EMAIL = "jane.roe@example.org", PHONE = "+351 912 345 678", USER = "customer-4711", ADDRESS = "203.0.113.77";
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

// A vendor that answers with what it was told, as some do when they refuse.
let answer = 400;
const echo = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  response.writeHead(answer, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { code: answer === 401 ? 190 : 100, message: `${request.url} ${JSON.stringify(request.headers)} ${body} ${EMAIL}` } }));
});

let stage;
before(async () => {
  await new Promise((done) => echo.listen(0, "127.0.0.1", done));
  stage = await startStage({
    quiet: true,
    extra: `  [site.destination.meta]
  pixel_id = "1234567890"
  access_token = "EAAsandbox"
  api_version = "v25.0"
  base_url = "http://127.0.0.1:${echo.address().port}"
`,
  });
});
after(async () => {
  await stage?.stop();
  echo.closeAllConnections();
  echo.close();
});

async function send(path, body, headers = {}) {
  const reply = await fetch(stage.server + path, {
    method: "POST", body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", origin: stage.site, "x-forwarded-for": ADDRESS, "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0", ...headers },
  });
  return { status: reply.status, answer: await reply.json().catch(() => ({})) };
}

test("a journey with all that can go wrong leaves nobody in the log", async () => {
  const secret = { authorization: `Bearer ${stage.key}` };
  const consent = { storage: true, marketing: true };
  const touch = await send("/api/touch", { site: "demo", write_key: "wk_demo", url: `${stage.site}/?utm_source=news&gclid=Click-4711`, consent });
  assert.equal(touch.status, 200, JSON.stringify(touch.answer));
  const { anonymous_id: visitor, session_id: session, token } = touch.answer;
  assert.ok(visitor && session && token);
  await send("/api/identify", { site: "demo", write_key: "wk_demo", token, email: EMAIL, user_id: USER });
  await send("/api/identify", { site: "demo", write_key: "wk_demo", token: `${token}x`, email: EMAIL });
  for (const body of [`{"email":"${EMAIL}`, `[${"9".repeat(400)}]`, `"${EMAIL}\ud800"`, "\xff", { site: "demo", key: "wk_wrong", e: [{ n: EMAIL }] }])
    for (const path of ["/api/events", "/api/identify", "/api/webhook/lead", "/api/conversions", "/api/consent", "/api/login", "/api/erasures"])
      await send(path, body, secret);
  await send("/api/login", { email: EMAIL, password: "wrong horse battery" });
  await send("/api/webhook/lead", { site: "demo", email: EMAIL, phone: PHONE, form_type: "letter", session_id: session, consent }, secret);

  const paid = (id) => JSON.stringify({
    id, object: "event", created: Math.floor(Date.now() / 1000), livemode: true, type: "checkout.session.completed",
    data: { object: { id: `cs_${id}`, object: "checkout.session", mode: "payment", payment_status: "paid", amount_total: 2500, currency: "eur", payment_intent: `pi_${id}`,
      metadata: { anonymous_id: visitor, session_id: session, checkout_started_at: String(Date.now()) }, customer_details: { email: EMAIL, phone: PHONE, name: "Jane Roe" } } },
  });
  const signed = (body, key = "whsec_sandbox") => {
    const t = Math.floor(Date.now() / 1000);
    return { "stripe-signature": `t=${t},v1=${createHmac("sha256", key).update(`${t}.${body}`).digest("hex")}` };
  };
  const order = paid("evt_journey");
  assert.equal((await send("/api/webhook/stripe/demo", order, signed(order))).status, 200);
  await send("/api/webhook/stripe/demo", order, signed(order, "whsec_other"));
  const senseless = JSON.stringify({ id: EMAIL, type: PHONE, data: { object: { id: USER } } });
  await send("/api/webhook/stripe/demo", `${senseless}}`, signed(`${senseless}}`));

  await until(() => stage.log().includes("msg=dead_letter"), "what Meta refused");
  answer = 401;
  const sale = await send("/api/conversions", { site: "demo", kind: "purchase", order_id: randomUUID(), amount: "49.90", currency: "EUR", occurred_at: new Date().toISOString(), email: EMAIL, phone: PHONE, user_id: USER, consent }, secret);
  assert.equal(sale.status, 201, JSON.stringify(sale.answer));
  await until(() => stage.log().includes("msg=auth_failed"), "the refused key");
  await send("/api/erasures", { site: "demo", email: EMAIL }, secret);
  await stage.stopServer();

  const log = stage.log();
  const forbidden = {
    EMAIL, PHONE, USER, ADDRESS, visitor, session, token, "secret key": stage.key, "vendor's token": "EAAsandbox", "webhook secret": "whsec_sandbox",
    "write key": "wk_demo", "click id": "Click-4711", password: "wrong horse battery", name: "Jane Roe", "order id": "pi_evt_journey", "event id": sale.answer.id,
    "local part": "jane.roe", "digits of the phone": "912345678", "hash of the e-mail": sha256(EMAIL), "hash of the phone": sha256("351912345678"),
  };
  for (const [name, text] of Object.entries(forbidden)) {
    assert.ok(text, name);
    assert.ok(!log.toLowerCase().includes(text.toLowerCase()), `${name} stands in the log:\n${log}`);
  }
  for (const line of log.trim().split("\n")) assert.match(line, /^ts=\S+ level=\w+ msg=[a-z_]+( |$)/, "every line is ours");
});
