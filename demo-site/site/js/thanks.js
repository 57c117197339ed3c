// SPDX-License-Identifier: Apache-2.0
// The thank-you page asks the server for the order's event id: the reference for the buyer, and the id
// that a pixel on this page would use, so that the vendor counts browser and server once. The webhook
// may be a moment behind the buyer, so it asks again for half a minute.
(async () => {
  const query = new URLSearchParams(location.search);
  const reference = query.get("cs") ?? query.get("ref");
  const state = document.getElementById("order-state");
  if (!reference) return void (state.textContent = "No payment is named in this page's address.");
  const url = `${film.endpoint}/api/order-event?site=${encodeURIComponent(film.site)}&ref=${encodeURIComponent(reference)}`;
  for (let tries = 0; tries < 30; tries++) {
    const reply = await fetch(url).catch(() => null);
    if (reply?.ok) {
      const { event_id: eventId } = await reply.json();
      document.getElementById("order-event-id").textContent = eventId;
      document.getElementById("order-reference").hidden = false;
      return void (state.textContent = "Your donation has arrived.");
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(250 * 1.3 ** tries, 1500)));
  }
  state.textContent = "The payment provider has not reported yet. Your donation is safe; this page may be closed.";
})();
