// SPDX-License-Identifier: Apache-2.0
// The donation form: amount in cents, the SDK's checkout token, then off to the payment page. Stripe's is
// opened by the server, which knows the item's limits and the currency; the others by hand_over.js.
(() => {
  const MIN_CENTS = 500, MAX_CENTS = 500_000;
  const form = document.getElementById("donate-form");
  const own = document.getElementById("own-amount");
  const error = document.getElementById("form-error");
  const button = form.querySelector("button[type=submit]");
  const query = new URLSearchParams(location.search);

  // Cents, or null when it is no amount. "1,50", "1.50" and "1 500" are amounts.
  function cents() {
    const text = own.value.trim() || (form.elements.amount.value ?? "");
    const match = text.replace(/\s/g, "").match(/^(\d{1,6})(?:[.,](\d{1,2}))?$/);
    return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
  }

  function showAmount() {
    const value = cents();
    document.getElementById("amount-text").textContent =
      value === null ? "" : new Intl.NumberFormat("en", { style: "currency", currency: "EUR", minimumFractionDigits: value % 100 ? 2 : 0 }).format(value / 100);
  }

  function fail(sentence) {
    error.textContent = sentence;
    error.hidden = sentence === "";
    button.disabled = false;
  }

  async function submit(event) {
    event.preventDefault();
    fail("");
    const amount = cents();
    const email = form.elements.email.value.trim();
    if (amount === null || amount < MIN_CENTS || amount > MAX_CENTS) {
      own.focus();
      return fail("Please choose an amount between €5 and €5,000.");
    }
    if (email !== "" && !form.elements.email.checkValidity()) {
      form.elements.email.focus();
      return fail("That e-mail address is not complete. You can also leave it out.");
    }
    button.disabled = true;
    if (email !== "") film.call("identify", { email });
    const provider = chosen();
    try {
      location.assign(provider ? await film.openCheckout(provider, orderOf(amount, email), form) : await openStripe(amount, email));
    } catch (problem) {
      fail(problem instanceof TypeError ? "The payment page could not be reached. Please try again in a minute." : problem.message);
    }
  }

  async function openStripe(amount, email) {
    const checkout = film.call("checkoutStarted", { productId: "donation", productName: "The Long Light", price: amount / 100, currency: "EUR", provider: "stripe" });
    const order = { site: film.site, write_key: film.key, item: monthly.checked ? "monthly" : "donation", amount_minor: amount };
    if (checkout?.clientReferenceId) order.token = checkout.clientReferenceId;
    if (email !== "") order.email = email;
    const reply = await fetch(`${film.endpoint}/api/checkout/stripe`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(order) });
    const answer = await reply.json();
    if (!reply.ok) throw new Error(answer.error?.message ?? "The payment page could not be opened. Please try again.");
    return answer.url;
  }

  const orderOf = (amount, email) => ({
    amount_minor: amount, currency: "EUR", name: "The Long Light", success_url: `${location.origin}/thanks/?ref={ORDER}`, cancel_url: `${location.origin}/donate/?canceled=1`,
    ...(monthly.checked && { interval: "month" }), ...(email !== "" && { email }),
  });

  const select = form.elements.provider, monthly = form.elements.monthly;
  let providers = [];
  // Null is Stripe.
  const chosen = () => providers.find(({ name }) => name === select.value) ?? null;
  function showChoice() {
    const provider = chosen();
    document.querySelector("#provider-words b").textContent = provider?.handOver.words ?? "metadata of the Checkout Session";
    monthly.closest("label").hidden = provider !== null && !provider.isRenewing;
    if (monthly.closest("label").hidden) monthly.checked = false;
  }
  film.providers.then((known) => {
    providers = known.sort((a, b) => a.title.localeCompare(b.title));
    for (const { name, title } of providers) select.add(new Option(title, name));
    if (providers.some(({ name }) => name === query.get("provider"))) select.value = query.get("provider");
    showChoice();
  });
  select.addEventListener("change", showChoice);

  const wanted = query.get("amount");
  const radio = wanted && form.querySelector(`input[name=amount][value="${CSS.escape(wanted)}"]`);
  if (radio) radio.checked = true;
  if (query.has("canceled")) fail("You came back without paying. Nothing was charged.");
  own.addEventListener("input", () => {
    for (const choice of form.querySelectorAll("input[name=amount]")) choice.checked = false;
    showAmount();
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "amount") own.value = "";
    showAmount();
  });
  form.addEventListener("submit", submit);
  window.addEventListener("pageshow", () => { button.disabled = false; });
  showAmount();
})();
