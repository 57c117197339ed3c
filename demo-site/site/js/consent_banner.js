// SPDX-License-Identifier: Apache-2.0
// The site's own small consent banner: two equal buttons, wired to Throughline.consent(). It appears when
// nothing is known yet, and again from "Privacy choices" in the footer. Throughline remembers a refusal
// by itself; a grant is the page's to remember and to repeat at every load, which is what the one key
// below is for. Without the script there is nothing to agree to, so there is no banner either.
(() => {
  const KEY = "film_consent";
  let banner = null;

  function remember(isGranted) {
    try {
      if (isGranted) localStorage.setItem(KEY, "granted");
      else localStorage.removeItem(KEY);
    } catch {
      // Storage is blocked: the choice holds for this page.
    }
  }

  function wasGranted() {
    try {
      return localStorage.getItem(KEY) === "granted";
    } catch {
      return false;
    }
  }

  function decide(isGranted) {
    film.call("consent", { storage: isGranted, marketing: isGranted });
    remember(isGranted);
    banner.remove();
    banner = null;
  }

  function show() {
    if (banner) return;
    banner = document.createElement("section");
    banner.className = "consent";
    banner.setAttribute("aria-label", "Consent");
    banner.innerHTML = `<h2>How did you find us?</h2>
<p>With your consent we remember on this device how you came here, and tell the ad platform if you donate. Without it the film is the same.</p>
<div><button type="button" class="button plain" data-consent-refuse>Refuse</button><button type="button" class="button plain" data-consent-accept>Accept</button></div>`;
    banner.querySelector("[data-consent-refuse]").addEventListener("click", () => decide(false));
    banner.querySelector("[data-consent-accept]").addEventListener("click", () => decide(true));
    document.body.append(banner);
  }

  if (wasGranted()) film.call("consent", { storage: true, marketing: true });
  film.call("on", "ready", () => {
    const { storage } = film.call("consent");
    if (storage === null || storage === undefined) show();
  });
  for (const button of document.querySelectorAll("[data-open-consent]")) button.addEventListener("click", show);
})();
