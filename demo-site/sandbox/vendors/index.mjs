// SPDX-License-Identifier: Apache-2.0
// The destinations that are rules alone, by the name that Throughline's configuration gives them.
import * as crm from "./crm.mjs";
import * as ga4 from "./ga4.mjs";
import * as google_ads from "./google_ads.mjs";
import * as linkedin from "./linkedin.mjs";
import * as microsoft from "./microsoft.mjs";
import * as pinterest from "./pinterest.mjs";
import * as reddit from "./reddit.mjs";
import * as snap from "./snap.mjs";
import * as tiktok from "./tiktok.mjs";
import * as webhook from "./webhook.mjs";
import * as x from "./x.mjs";

export const VENDORS = { ga4, google_ads, tiktok, linkedin, pinterest, snap, reddit, microsoft, x, webhook, crm };
