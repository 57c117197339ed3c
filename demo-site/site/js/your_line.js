// SPDX-License-Identifier: Apache-2.0
// "Your line" in the footer: what the script knows about this visit, read through its public getters.
(() => {
  const describe = (touch) => {
    if (!touch) return "none";
    const parts = [touch.channel, touch.source, touch.campaign].filter(Boolean);
    return parts.join(" · ") || "direct";
  };

  function facts() {
    const { storage, marketing } = film.call("consent") ?? {};
    const { first, last } = film.call("getAttribution") ?? {};
    const word = (value) => (value === true ? "granted" : value === false ? "refused" : "not asked yet");
    return [
      ["Consent", `storage ${word(storage)}, marketing ${word(marketing)}`], ["Session", film.call("getSessionId") ?? "none"],
      ["Visitor", film.call("getAnonymousId") ?? "none"], ["First touch", describe(first)], ["Last touch", describe(last)],
    ];
  }

  function open() {
    const dialog = document.createElement("dialog");
    dialog.className = "line-panel";
    dialog.setAttribute("aria-labelledby", "line-title");
    dialog.innerHTML = `<h2 id="line-title">Your line</h2><p>What the script on this page knows about your visit. Without consent there is no id.</p><dl></dl><form method="dialog"><button class="button small">Close</button></form>`;
    for (const [name, value] of facts()) {
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      dialog.querySelector("dl").append(term, text);
    }
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  for (const button of document.querySelectorAll("[data-open-line]")) button.addEventListener("click", open);
})();
