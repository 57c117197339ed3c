// SPDX-License-Identifier: Apache-2.0
// The payment providers beside Stripe, and how each is handed the visit's ids, as docs/providers/ says:
// by an address that the SDK decorates, by parameters that the page adds to one, in a field of the
// vendor's script or API, or in hidden fields of the checkout form, which the SDK fills. A vendor's
// address is real up to its host: the checkout behind it is the sandbox's.
(() => {
  // The ids in the form that `of` names; nothing without consent.
  const ids = (of, { metadata, clientReferenceId }) => ({ token: clientReferenceId, anonymous_id: metadata.anonymous_id })[of] ?? (of ? undefined : metadata);

  function parameters({ link, of, field }, checkout) {
    const query = new URL(checkout.url || link).searchParams;
    const added = of === "metadata" ? checkout.metadata : of ? { [field]: ids(of, checkout) } : {};
    for (const [name, value] of Object.entries(added)) if (value) query.set(name, value);
    return query;
  }

  film.providers = fetch("/providers.json").then((reply) => (reply.ok ? reply.json() : []), () => []);

  // Answers the checkout's address, or throws an Error with a sentence. `order` is what the vendor's
  // catalogue would know: {amount_minor, currency, name, interval?, email?, success_url, cancel_url}.
  film.openCheckout = async ({ name, handOver, checkout: address }, order, form) => {
    const started = { productId: "donation", productName: order.name, price: order.amount_minor / 100, currency: order.currency, provider: name };
    const checkout = film.call("checkoutStarted", { ...started, ...(handOver.link && { url: handOver.link }) }) ?? { url: "", metadata: {}, clientReferenceId: null };
    if (handOver.link) {
      const query = parameters(handOver, checkout);
      for (const [key, value] of Object.entries(order)) if (value !== undefined) query.set(`order[${key}]`, value);
      return `${address}?${query}`;
    }
    const given = handOver.isForm
      ? Object.fromEntries([...new FormData(form)].filter(([key]) => key.startsWith("tl_")))
      : { [handOver.field]: ids(handOver.of, checkout) };
    const reply = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ order, ...given }) });
    const answer = await reply.json();
    if (!reply.ok) throw new Error(answer.error);
    return answer.url;
  };
})();
