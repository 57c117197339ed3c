// SPDX-License-Identifier: Apache-2.0
// Stripe's own package (npm stripe, a dependency of the sandbox) signs webhooks and judges them; our
// verifier must agree on every one, the refused ones included. Usage: node stripe_signatures.mjs
// PATH_OF_explain_lines
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const require = createRequire(new URL("../../demo-site/sandbox/package.json", import.meta.url));
const Stripe = require("stripe");
const stripe = new Stripe("sk_test_unused");
const now = 1790000000;
const secret = "whsec_test_secret";
const session = {
  id: "evt_1", object: "event", api_version: "2026-10-28", created: now, livemode: true, type: "checkout.session.completed",
  data: { object: { id: "cs_live_1", object: "checkout.session", mode: "payment", payment_status: "paid", amount_total: 2500, currency: "eur",
    payment_intent: "pi_1", metadata: {}, customer_details: { email: "zoë@example.com", name: "Zoë Ž" } } },
};
const pretty = JSON.stringify(session, null, 2);
const sign = (payload, options = {}) => stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: now, ...options });
const mac = (payload, timestamp, key = secret) => createHmac("sha256", key).update(`${timestamp}.${payload}`).digest("hex");

// [name, header, body, secrets, seconds since signing, tolerance]
const cases = [
  ["as signed", sign(pretty), pretty],
  ["compact", sign(JSON.stringify(session)), JSON.stringify(session)],
  ["escaped slashes and unicode", sign(pretty.replace("ë", "\\u00eb")), pretty.replace("ë", "\\u00eb")],
  ["final newline", sign(pretty + "\n"), pretty + "\n"],
  ["CRLF", sign(pretty.replaceAll("\n", "\r\n")), pretty.replaceAll("\n", "\r\n")],
  ["body changed", sign(pretty), pretty.replace("2500", "2501")],
  ["newline lost", sign(pretty + "\n"), pretty],
  ["wrong secret", sign(pretty, { secret: "whsec_other" }), pretty],
  ["exactly 300 s", sign(pretty), pretty, undefined, 300],
  ["301 s", sign(pretty), pretty, undefined, 301],
  ["far in the future", sign(pretty, { timestamp: now + 100000 }), pretty],
  ["own tolerance", sign(pretty), pretty, undefined, 3000, 3600],
  ["tolerance 0", sign(pretty), pretty, undefined, 90000, 0],
  ["two signatures, second right", `t=${now},v1=${"0".repeat(64)},v1=${mac(pretty, now)}`, pretty],
  ["v0 only", `t=${now},v0=${mac(pretty, now)}`, pretty],
  ["last t counts, right", `t=${now - 9000},t=${now},v1=${mac(pretty, now)}`, pretty],
  ["last t counts, wrong", `t=${now},t=${now - 1},v1=${mac(pretty, now)}`, pretty],
  ["unknown keys", `x=1,t=${now},v1=${mac(pretty, now)},v9=abc`, pretty],
  ["blank after comma", `t=${now}, v1=${mac(pretty, now)}`, pretty],
  ["no t", `v1=${mac(pretty, now)}`, pretty],
  ["no signature", `t=${now}`, pretty],
  ["empty signature", `t=${now},v1=`, pretty],
  ["garbage", "hello", pretty],
];
for (let i = 0; i < 200; ++i) {
  const body = JSON.stringify({ ...session, id: `evt_${i}`, note: String.fromCodePoint(33 + i * 37) + "\u0001/é" }, null, i % 3);
  const changed = i % 4 === 1 ? body.slice(0, i) + (body[i] === "x" ? "y" : "x") + body.slice(i + 1) : body;
  cases.push([`generated ${i}`, sign(body, { timestamp: now - (i * 7) % 400 }), changed]);
}

const lines = cases.map(([, header, body, secrets = [secret], age = 0, tolerance]) =>
  JSON.stringify({ provider: "stripe", secrets, now: now + age, headers: { "stripe-signature": header }, body,
    ...(tolerance === undefined ? {} : { config: { tolerance_s: tolerance } }) }));
const run = spawnSync(process.argv[2], { input: lines.join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 28 });
assert.equal(run.status, 0, run.stderr);
const answers = run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
assert.equal(answers.length, cases.length);

let accepted = 0;
for (const [index, [name, header, body, , age = 0, tolerance = 300]] of cases.entries()) {
  const answer = answers[index];
  let theirs = "accepted";
  try {
    // The package reads the clock itself unless told the time of receipt.
    stripe.webhooks.signature.verifyHeader(body, header, secret, tolerance, undefined, (now + age) * 1000);
  } catch (error) {
    theirs = error.message.split("\n")[0];
  }
  const refused = answer.kind === "reject" && answer.reason !== "malformed_body";
  assert.equal(!refused, theirs === "accepted", `${name}: ours ${JSON.stringify(answer)}, theirs ${theirs}`);
  if (!refused) ++accepted;
  if (name === "301 s") assert.equal(answer.reason, "stale_timestamp");
  if (name === "body changed" || name === "v0 only") assert.equal(answer.reason, "bad_signature");
  if (name === "garbage" || name === "no t" || name === "no signature") assert.equal(answer.reason, "malformed_header");
  if (name === "as signed") {
    assert.equal(answer.kind, "purchase");
    assert.equal(answer.order_id, "pi_1");
    assert.equal(answer.amount_minor, 2500);
    assert.equal(answer.customer.name, "Zoë Ž");
  }
}
assert.ok(accepted > 100 && accepted < cases.length - 50, `accepted ${accepted} of ${cases.length}`);
console.log(`stripe ${Stripe.PACKAGE_VERSION ?? "package"} and we agree on ${cases.length} webhooks (${accepted} accepted)`);
