// SPDX-License-Identifier: Apache-2.0
// The site's only door to the public SDK. The script is loaded async, so calls made before it is there
// wait in the documented queue; where it is blocked they wait for ever and the page does not notice.
window.Throughline = window.Throughline || { q: [] };

window.film = {
  // Calls an SDK method now, or leaves it in the queue. Answers undefined when it had to wait.
  call(name, ...args) {
    const tl = window.Throughline;
    if (typeof tl[name] === "function") return tl[name](...args);
    (tl.q = tl.q || []).push([name, ...args]);
    return undefined;
  },
  // The server that the script tag names: checkout and order reference live there, too.
  endpoint: new URL(document.querySelector("script[data-site]").src).origin,
  site: document.querySelector("script[data-site]").dataset.site,
  key: document.querySelector("script[data-site]").dataset.key,
};
