// SPDX-License-Identifier: Apache-2.0
// Keeps a page of the sandbox current: reads it again every two seconds and swaps its main part,
// unless somebody is using a control, reads down a list or has opened a body.
const main = document.querySelector("main[data-live]");
setInterval(async () => {
  const isReading = main.querySelector("details[open]") || [...main.querySelectorAll(".scroll")].some((list) => list.scrollTop > 0);
  const isInUse = document.hidden || isReading || main.contains(document.activeElement);
  if (isInUse) return;
  const reply = await fetch(location.href).catch(() => null);
  if (!reply?.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("main");
  if (fresh.innerHTML !== main.innerHTML) main.replaceChildren(...fresh.childNodes);
}, 2000);
