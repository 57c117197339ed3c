// SPDX-License-Identifier: Apache-2.0
// The platforms in the order in which they are asked: the browser's own signal, the banners, what many
// banners write to, the frameworks.
import { complianz } from "./complianz.js";
import { consentMode } from "./consent-mode.js";
import { cookieScript } from "./cookie-script.js";
import { cookieYes } from "./cookieyes.js";
import { cookiebot } from "./cookiebot.js";
import { didomi } from "./didomi.js";
import { doNotTrack } from "./do-not-track.js";
import { gpp } from "./gpp.js";
import { iubenda } from "./iubenda.js";
import { klaro } from "./klaro.js";
import { oneTrust } from "./onetrust.js";
import { orejime } from "./orejime.js";
import { osano } from "./osano.js";
import type { Platform } from "./platform.js";
import { shopify } from "./shopify.js";
import { tcf } from "./tcf.js";
import { termly } from "./termly.js";
import { usPrivacy } from "./us-privacy.js";
import { usercentrics } from "./usercentrics.js";
import { vanillaCookieConsent } from "./vanilla-cookieconsent.js";
import { wpConsent } from "./wp-consent.js";

export const platforms: Platform[] = [
  doNotTrack,
  cookieYes,
  cookiebot,
  oneTrust,
  usercentrics,
  didomi,
  osano,
  termly,
  iubenda,
  klaro,
  orejime,
  vanillaCookieConsent,
  complianz,
  cookieScript,
  shopify,
  wpConsent,
  tcf,
  gpp,
  usPrivacy,
  consentMode,
];
