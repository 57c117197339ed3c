// SPDX-License-Identifier: Apache-2.0
// The hosted checkout page of every provider: what is bought, who pays, a test card, pay or go back.
// Works without script. Card 4242… pays, 4000 0000 0000 0002 is declined, as with Stripe's test cards.
import { money } from "./money.mjs";
import { escape } from "./page_layout.mjs";

const COUNTRIES = [["CZ", "Czechia"], ["AT", "Austria"], ["DE", "Germany"], ["FR", "France"], ["GB", "United Kingdom"], ["PL", "Poland"], ["PT", "Portugal"], ["SK", "Slovakia"], ["US", "United States"]];

// Who the /payments page's button for a payment that fails stands for.
export const BUYER = { email: "keeper@example.org", name: "Zoë Keeper", country: "CZ" };

// Answers {customer}, or {error}, with `buyer` where the card was declined; from the posted form.
export function readPayment(form) {
  const email = (form.email ?? "").trim();
  const name = (form.name ?? "").trim();
  const card = (form.card ?? "").replace(/\s/g, "");
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) || email.length > 254) return { error: "Please enter a complete e-mail address." };
  if (name === "" || name.length > 200) return { error: "Please enter the name on the card." };
  const country = COUNTRIES.some(([code]) => code === form.country) ? form.country : null;
  if (card === "4000000000000002") return { error: "Your card was declined. Try the test card 4242 4242 4242 4242.", buyer: { email, name, country } };
  if (card !== "4242424242424242") return { error: "The sandbox takes the test card 4242 4242 4242 4242 only." };
  return { customer: { email, name, country } };
}

function frame(title, body) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/checkout.css">
</head>
<body>${body}</body>
</html>`;
}

// checkout: {vendor, action: where the form posts, items: [{name, amount, quantity}], total, currency,
// interval, verb, email, back: address or null}.
export function checkoutPage({ vendor, action, items, currency, interval, verb, email, back, total }, { error, form = {} } = {}) {
  const due = money(total, currency);
  const lines = items.map((item) => `<li><span>${escape(item.name)}${item.quantity > 1 ? ` <small>× ${item.quantity}</small>` : ""}</span><span>${money(item.amount, currency)}</span></li>`).join("");
  const field = (name, label, attributes, value) =>
    `<label class="field"><span>${label}</span><input name="${name}" value="${escape(form[name] ?? value ?? "")}" ${attributes}></label>`;
  const countries = COUNTRIES.map(([code, text]) => `<option value="${code}"${code === (form.country ?? "CZ") ? " selected" : ""}>${text}</option>`).join("");
  return frame(`Pay ${due}`, `
<div class="checkout">
  <aside class="summary"><div>
    <p class="head">${back ? `<a class="back" href="${escape(back)}"><span aria-hidden="true">←</span> Back</a>` : ""}<span class="badge">Sandbox · no money moves</span></p>
    <p class="vendor">${escape(vendor)}</p>
    <p class="what">${verb === "Donate" ? "Donate to" : "Pay"} ${escape(items[0].name)}</p>
    <p class="total">${due}${interval ? ` <small>each ${escape(interval)}</small>` : ""}</p>
    <ul class="lines">${lines}<li class="sum"><span>Total due</span><span>${due}</span></li></ul>
  </div></aside>
  <main class="pay"><div>
    <h1>Pay with card</h1>
    ${error ? `<p class="error" role="alert">${escape(error)}</p>` : ""}
    <form method="post" action="${escape(action)}" autocomplete="off">
      ${field("email", "E-mail", 'type="email" required maxlength="254"', email)}
      <fieldset><legend>Card information</legend>
        <input name="card" aria-label="Card number" inputmode="numeric" required value="${escape(form.card ?? "4242 4242 4242 4242")}">
        <div class="pair"><input name="expiry" aria-label="Expiry, month and year" required value="${escape(form.expiry ?? "12 / 34")}"><input name="cvc" aria-label="Security code" inputmode="numeric" required value="${escape(form.cvc ?? "123")}"></div>
      </fieldset>
      ${field("name", "Name on card", 'required maxlength="200"')}
      <label class="field"><span>Country or region</span><select name="country">${countries}</select></label>
      <button class="primary" type="submit">${verb} ${due}</button>
    </form>
    <p class="fine">This page stands in for ${escape(vendor)}. Test card 4242 4242 4242 4242, any future date, any code; 4000 0000 0000 0002 is declined.</p>
  </div></main>
</div>`);
}

export function closedPage(sentence, back) {
  const link = back ? `<p><a href="${escape(back)}">Back to the shop</a></p>` : "";
  return frame("Checkout closed", `<main class="closed"><h1>${escape(sentence)}</h1>${link}</main>`);
}
