// SPDX-License-Identifier: Apache-2.0
// Raw facts of the page: how it was reached, its nonce (the only entropy there is), and the reduction
// of URLs for pages without a core, which must not send more than the core would: scheme, host, path,
// campaign parameters and click ids. The server reduces again by the rules of shared/touch.hpp.
import { options } from "./config.js";
import { permitsMarketing } from "./consent.js";

export let pageNonce: string;
export let referrer = document.referrer;
let seq = 0;

export const nextSeq = (): number => ++seq;

/** A new page to all that derives ids: at load, and after reset(). */
export const newNonce = (): void => {
  pageNonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    (byte + 256).toString(16).slice(1),
  ).join("");
  seq = 0;
};
newNonce();

export const setReferrer = (left: string): void => {
  referrer = left;
};

/** tl::Navigation of the load: 0 navigate, 1 reload, 2 back or forward. */
export const loadNavigation = (): number => {
  const entry = performance.getEntriesByType?.("navigation")[0] as
    | PerformanceNavigationTiming
    | undefined;
  return Math.max(0, ["", "reload", "back_forward"].indexOf(entry?.type || ""));
};

const kCampaign = /^(utm_|mtm_|pk_)/i;
const kClickId =
  /^(g(clid|braid|clsrc|ad_source|ad_campaignid)|wbraid|dclid|srsltid|msclkid|fbclid|igshi?d?|ttclid|twclid|li_fat_id|sccid|epik|rdt_cid|[qy]m?clid|vmcid|tblci|dicbo|obclid|ob_click_id|irclick(id)?|irclid|awc|cjevent|ransiteid|ranmid|sscid|clickref|mc_[ce]id|_?kx|_?hs(enc|mi)|mkt_tok|ck_subscriber_id)$/i;

export const reduceUrl = (text: string): string => {
  try {
    const url = new URL(text);
    const kept = url.search
      .slice(1)
      .split("&")
      .map((pair) => {
        const name = pair.split("=")[0]!;
        return kCampaign.test(name) || (options.keepQuery || "").split(" ").includes(name)
          ? pair
          : kClickId.test(name)
            ? permitsMarketing() && !/^(mc_eid|_?kx|_?hsenc|mkt_tok|ck_)/i.test(name)
              ? pair
              : name + "=*"
            : "";
      })
      .filter(Boolean)
      .join("&");
    const path = url.pathname.replace(/[^/]*(@|%40|\d{5}|[\da-f-]{20})[^/]*/gi, "*");
    return url.origin + path + (kept && "?" + kept);
  } catch {
    return "";
  }
};
