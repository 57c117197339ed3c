// SPDX-License-Identifier: Apache-2.0
// Stand-ins for consent platforms that are only hosted: each with the globals, events and cookies that
// its makers document, and nothing else. `stand` runs in the page and leaves window.banner with
// accept() and refuse(), which do what its buttons would.

// Sources: each vendor's documentation of its web interface, as loader/platforms names it.
/** What the platforms themselves keep in the browser. */
export const platformKeys =
  /^(cookieyes-consent|CookieConsent|Optanon\w+|uc_user_interaction|didomi_token|_iub_cs-123|klaro|cmplz_\S+|_tracking_consent|wp_consent_\S+|cc_cookie|eu-consent)$/;

export const doubles = {
  cookieyes: () => {
    const state = { activeLaw: "gdpr", isUserActionCompleted: false, consentID: "c1", languageCode: "en",
      categories: { necessary: true, functional: false, analytics: false, performance: false, advertisement: false } };
    window.getCkyConsent = () => structuredClone(state);
    const say = (on) => {
      for (const name of ["functional", "analytics", "performance", "advertisement"]) state.categories[name] = on;
      state.isUserActionCompleted = true;
      document.cookie = `cookieyes-consent=consentid:c1,consent:${on ? "yes" : "no"},action:yes`;
      const [accepted, rejected] = on ? [["analytics", "advertisement"], []] : [[], ["analytics", "advertisement"]];
      document.dispatchEvent(new CustomEvent("cookieyes_consent_update", { detail: { accepted, rejected } }));
    };
    document.addEventListener("DOMContentLoaded", () =>
      document.dispatchEvent(new CustomEvent("cookieyes_banner_load", { detail: window.getCkyConsent() })));
    window.banner = { accept: () => say(true), refuse: () => say(false) };
  },
  cookiebot: () => {
    const consent = { necessary: true, preferences: false, statistics: false, marketing: false, method: null };
    window.Cookiebot = { consent, consented: false, declined: false, hasResponse: false, doNotTrack: false };
    document.cookie = "CookieConsent=0";
    const say = (on) => {
      Object.assign(consent, { preferences: on, statistics: on, marketing: on, method: "explicit" });
      Object.assign(Cookiebot, { consented: on, declined: !on, hasResponse: true });
      document.cookie = "CookieConsent=" + encodeURIComponent(`{stamp:'x',necessary:true,statistics:${on},marketing:${on},method:'explicit',ver:7,utc:1,region:'de'}`);
      window.dispatchEvent(new Event("CookiebotOnConsentReady"));
      window.dispatchEvent(new Event(on ? "CookiebotOnAccept" : "CookiebotOnDecline"));
    };
    window.dispatchEvent(new Event("CookiebotOnLoad"));
    window.banner = { accept: () => say(true), refuse: () => say(false) };
  },
  onetrust: () => {
    let isClosed = false;
    const listeners = [];
    window.OnetrustActiveGroups = ",C0001,";
    window.OneTrust = {
      IsAlertBoxClosed: () => isClosed,
      OnConsentChanged: (listener) => listeners.push(listener),
      GetDomainData: () => ({ Groups: ["C0001", "C0002", "C0003", "C0004"].map((CustomGroupId) => ({ CustomGroupId })) }),
    };
    document.cookie = "OptanonConsent=groups=C0001%3A1%2CC0002%3A0";
    const say = (groups) => {
      isClosed = true;
      document.cookie = "OptanonAlertBoxClosed=2026-01-01T00:00:00.000Z";
      window.OnetrustActiveGroups = `,${groups},`;
      const detail = groups.split(",");
      for (const listener of listeners) listener({ detail });
      window.dispatchEvent(new CustomEvent("OneTrustGroupsUpdated", { detail }));
    };
    window.banner = { accept: () => say("C0001,C0002,C0003,C0004"), refuse: () => say("C0001") };
  },
  usercentrics: () => {
    const service = (name, categorySlug, status) => ({ name, categorySlug, consent: { status } });
    let services = [service("Own", "essential", true), service("Counter", "functional", false), service("Pixel", "marketing", false)];
    window.UC_UI = { isInitialized: () => true, getServicesBaseInfo: () => services };
    window.dispatchEvent(new Event("UC_UI_INITIALIZED"));
    const say = (on, type) => {
      services = [service("Own", "essential", true), service("Counter", "functional", on), service("Pixel", "marketing", on)];
      localStorage.uc_user_interaction = "true";
      window.dispatchEvent(new CustomEvent("UC_UI_CMP_EVENT", { detail: { source: "FIRST_LAYER", type } }));
    };
    window.banner = { accept: () => say(true, "ACCEPT_ALL"), refuse: () => say(false, "DENY_ALL"), put: (...all) => {
      services = all.map((one) => service(...one));
      localStorage.uc_user_interaction = "true";
      window.dispatchEvent(new CustomEvent("UC_UI_CMP_EVENT", { detail: { source: "SECOND_LAYER", type: "SAVE" } }));
    } };
  },
  "usercentrics 3": () => {
    const details = (on, type) => ({ consent: { type }, services: {
      a: { name: "Own", category: "essential", consent: { given: true, type } },
      b: { name: "Counter", category: "functional", consent: { given: on, type } },
      c: { name: "Pixel", category: "marketing", consent: { given: on, type } } } });
    let now = details(false, "IMPLICIT");
    window.__ucCmp = { isInitialized: async () => true, getConsentDetails: async () => now };
    const say = (on) => {
      // The click is told before its outcome.
      window.dispatchEvent(new CustomEvent("UC_UI_CMP_EVENT", { detail: { source: "FIRST_LAYER", type: on ? "ACCEPT_ALL" : "DENY_ALL" } }));
      setTimeout(() => {
        now = details(on, "EXPLICIT");
        window.dispatchEvent(new CustomEvent("UC_CONSENT", { detail: now }));
      }, 20);
    };
    window.banner = { accept: () => say(true), refuse: () => say(false) };
  },
  didomi: () => {
    let purposes = {};
    let isOpen = true;
    window.didomiOnReady = [];
    window.didomiEventListeners = [];
    window.Didomi = {
      isConsentRequired: () => true,
      shouldUserStatusBeCollected: () => isOpen,
      getCurrentUserStatus: () => ({ purposes, vendors: {} }),
    };
    const kPurposes = ["cookies", "measure_content_performance", "measure_ad_performance", "create_ads_profile"];
    const say = (on, refused) => {
      isOpen = false;
      purposes = Object.fromEntries(kPurposes.map((id) => [id, { id, enabled: on && id != refused }]));
      document.cookie = "didomi_token=e30";
      for (const { event, listener } of window.didomiEventListeners) if (event == "consent.changed") listener({});
    };
    window.banner = { accept: () => say(true), refuse: () => say(false), allBut: (purpose) => say(true, purpose) };
  },
  osano: () => {
    const listeners = [];
    let saved;
    window.Osano = { cm: {
      getConsent: () => saved ?? {},
      addEventListener: (event, listener) => {
        listeners.push([event, listener]);
        if (event == "osano-cm-initialized") listener(saved);
      },
    } };
    const tell = (name, consent) => listeners.forEach(([event, listener]) => event == name && listener(consent));
    const say = (word) => {
      const consent = { ESSENTIAL: "ACCEPT", STORAGE: word, MARKETING: word, PERSONALIZATION: word, ANALYTICS: word, OPT_OUT: "DENY" };
      tell("osano-cm-consent-changed", { ...consent, ANALYTICS: "ACCEPT" }); // a toggle on the way
      saved = consent;
      tell("osano-cm-consent-saved", consent);
    };
    window.banner = { accept: () => say("ACCEPT"), refuse: () => say("DENY") };
  },
  termly: () => {
    const listeners = [];
    const state = { essential: true, performance: false, analytics: false, advertising: false, social_networking: false, unclassified: false };
    window.Termly = { getConsentState: () => state, on: (event, listener) => listeners.push([event, listener]) };
    const say = (on) => {
      Object.assign(state, { performance: on, analytics: on, advertising: on });
      for (const [event, listener] of listeners) if (event == "consent") listener();
    };
    window.banner = { accept: () => say(true), refuse: () => say(false) };
  },
  iubenda: () => {
    window.heardByPage = 0;
    window._iub = { csConfiguration: { callback: { onPreferenceExpressed: () => window.heardByPage++ } },
      cs: { api: { isConsentGiven: () => !!_iub.cs.consent?.consent, isCcpaOptedOut: () => false } } };
    const say = (on) => {
      _iub.cs.consent = { consent: on, purposes: { 1: true, 2: on, 3: on, 4: on, 5: on } };
      document.cookie = "_iub_cs-123=" + encodeURIComponent(JSON.stringify({ purposes: _iub.cs.consent.purposes }));
      const { callback } = _iub.csConfiguration;
      callback.onPreferenceExpressed(_iub.cs.consent);
      (on ? callback.onConsentGiven : callback.onConsentRejected)?.();
    };
    window.banner = { accept: () => say(true), refuse: () => say(false) };
  },
  klaro: () => {
    const watchers = new Set();
    const manager = { confirmed: false, consents: { analytics: false, ads: false }, savedConsents: { analytics: false, ads: false },
      getConsent: (name) => manager.consents[name] ?? false, watch: (watcher) => watchers.add(watcher) };
    const notify = (type, data) => watchers.forEach((watcher) => watcher.update(manager, type, data));
    window.klaroConfig = { services: [{ name: "analytics" }, { name: "ads" }] };
    window.klaro = { getManager: () => manager };
    const say = (consents, type) => {
      for (const [name, on] of Object.entries(consents)) {
        manager.consents[name] = !on; // a toggle that is not saved
        notify("consents", manager.consents);
        manager.consents[name] = on;
        notify("consents", manager.consents);
      }
      document.cookie = "klaro=" + encodeURIComponent(JSON.stringify(manager.consents));
      manager.confirmed = true;
      manager.savedConsents = { ...manager.consents };
      notify("saveConsents", { consents: manager.consents, type });
    };
    window.banner = {
      accept: () => say({ analytics: true, ads: true }, "accept"), refuse: () => say({ analytics: false, ads: false }, "decline"),
      save: (consents) => say(consents, "save"),
    };
  },
  complianz: () => {
    const allowed = new Set(["functional"]);
    window.cmplz_has_consent = (category) => allowed.has(category);
    const say = (on) => {
      document.cookie = "cmplz_banner-status=dismissed";
      for (const category of ["statistics", "marketing"]) {
        if (on) allowed.add(category);
        else allowed.delete(category);
        document.cookie = `cmplz_${category}=${on ? "allow" : "deny"}`;
        document.dispatchEvent(new CustomEvent("cmplz_status_change", { detail: { category, value: on ? "allow" : "deny" } }));
      }
      document.dispatchEvent(on ? new CustomEvent("cmplz_fire_categories", { detail: { categories: ["statistics", "marketing"] } }) : new Event("cmplz_revoke"));
    };
    window.banner = { accept: () => say(true), refuse: () => say(false) };
  },
  cookiescript: () => {
    let state = {};
    window.CookieScript = { instance: { currentState: () => state } };
    window.dispatchEvent(new Event("CookieScriptLoaded"));
    window.banner = {
      accept: () => {
        state = { action: "accept", categories: ["strict", "performance", "targeting", "functionality", "unclassified"] };
        window.dispatchEvent(new CustomEvent("CookieScriptAcceptAll"));
      },
      refuse: () => {
        state = { action: "reject", categories: ["strict"] };
        window.dispatchEvent(new CustomEvent("CookieScriptReject"));
      },
    };
  },
  shopify: () => {
    let said = "";
    const isAllowed = () => said == "yes";
    const api = {
      analyticsProcessingAllowed: isAllowed, marketingAllowed: isAllowed, preferencesProcessingAllowed: isAllowed,
      saleOfDataAllowed: () => true,
      currentVisitorConsent: () => ({ marketing: said, analytics: said, preferences: said, sale_of_data: "" }),
    };
    window.Shopify = { loadFeatures: ([{ name }], done) => setTimeout(() => {
      if (name == "consent-tracking-api") Shopify.customerPrivacy = api;
      done();
    }, 50) };
    const say = (word) => {
      said = word;
      document.cookie = "_tracking_consent=%7B%7D";
      const is = word == "yes";
      document.dispatchEvent(new CustomEvent("visitorConsentCollected", { detail: { analyticsAllowed: is, marketingAllowed: is, preferencesAllowed: is, saleOfDataAllowed: true } }));
    };
    window.banner = { accept: () => say("yes"), refuse: () => say("no") };
  },
  wp_consent_api: () => {
    const said = {};
    // As wp-consent-api.js: without a type nothing manages consent, and everything is permitted.
    window.wp_fallback_consent_type = "";
    window.wp_has_consent = (category) => {
      const type = window.wp_consent_type ?? window.wp_fallback_consent_type;
      return !type || (type.includes("optout") && !said[category]) || said[category] == "allow";
    };
    const banner = (type) => {
      window.wp_consent_type = type;
      document.dispatchEvent(new CustomEvent("wp_consent_type_defined"));
    };
    const say = (word) => {
      if (!window.wp_consent_type) banner("optin");
      for (const category of ["statistics", "marketing"]) {
        said[category] = word;
        document.cookie = `wp_consent_${category}=${word}`;
        document.dispatchEvent(new CustomEvent("wp_listen_for_consent_change", { detail: { [category]: word } }));
      }
    };
    window.banner = { accept: () => say("allow"), refuse: () => say("deny"), define: banner };
  },
  google_consent_mode: () => {
    window.dataLayer = [];
    window.gtag = function () {
      dataLayer.push(arguments);
    };
    gtag("js", new Date());
    gtag("consent", "default", { ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied", analytics_storage: "denied", wait_for_update: 500 });
    const say = (state) => gtag("consent", "update", { ad_storage: state, ad_user_data: state, ad_personalization: state, analytics_storage: state });
    window.banner = { accept: () => say("granted"), refuse: () => say("denied") };
  },
};
