// SPDX-License-Identifier: Apache-2.0
// TOML of every destination beside Meta and PostHog, all pointing at the sandbox with the accounts
// that it knows.
import { VENDORS } from "./sandbox/vendors/index.mjs";
import { table } from "./toml.mjs";

const account = (name) => VENDORS[name].DEFAULTS;

// `sandbox`: its address.
export function vendorDestinations(sandbox) {
  const { ga4, google_ads, tiktok, linkedin, pinterest, snap, reddit, microsoft, x, webhook, crm } = Object.fromEntries(Object.keys(VENDORS).map((name) => [name, account(name)]));
  const destination = (kind, settings) => table(`site.destination.${kind}`, settings);
  const base_url = sandbox;
  // These two know nobody by a loopback address, so they are told only what comes with an e-mail address.
  const events = ["purchase", "lead", "email_signup"];
  return [
    destination("ga4", { measurement_id: ga4.measurementId, api_secret: ga4.apiSecret, base_url }),
    destination("google_ads", { customer_id: google_ads.customerId, client_id: "sandbox", client_secret: "sandbox", refresh_token: google_ads.refreshToken, base_url, oauth_url: sandbox, result_after_s: 2, restate_refunds: true, conversions: { purchase: google_ads.conversions[0], lead: google_ads.conversions[1] } }),
    destination("tiktok", { pixel_code: tiktok.pixelCode, access_token: tiktok.accessToken, base_url }),
    destination("linkedin", { access_token: linkedin.accessToken, base_url, conversions: { purchase: linkedin.rules[0], lead: linkedin.rules[1] } }),
    destination("pinterest", { ad_account_id: pinterest.adAccountId, access_token: pinterest.accessToken, base_url, events }),
    destination("snap", { pixel_id: snap.pixelId, access_token: snap.accessToken, base_url, events }),
    destination("reddit", { pixel_id: reddit.pixelId, access_token: reddit.accessToken, base_url }),
    destination("microsoft", { tag_id: microsoft.tagId, access_token: microsoft.accessToken, base_url }),
    destination("x", { pixel_id: x.pixelId, consumer_key: x.consumerKey, consumer_secret: x.consumerSecret, access_token: x.accessToken, access_token_secret: x.accessTokenSecret, base_url, event_ids: { purchase: x.eventIds[0], lead: x.eventIds[1] } }),
    destination("webhook", { url: `${sandbox}/hooks/throughline`, secret: webhook.secret, allow_http: true }),
    destination("crm", { url: `${sandbox}/crm`, api_key_header: "X-Acme-API-Key", api_key: crm.apiKey, funnel_header: "X-Acme-Funnel-ID", funnel: crm.funnel, allow_http: true }),
  ].join("\n");
}
