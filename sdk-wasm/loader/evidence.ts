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

/** A new page to all that derives ids: at load, and where a visitor must not be linked to the former. */
export const newNonce = (): void => {
  pageNonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    (byte + 256).toString(16).slice(1),
  ).join("");
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

// Names of campaign parameters and, from gclid on, click ids, each ended by a byte above 0x7f: the
// core's own table (shared/data/params.tsv), which the build copies out of the module.
declare const TL_PARAMS: string;
declare const TL_PERSONAL: string[];

const looksLikeId = (segment: string): boolean =>
  /@|%40|^\d{6,}$|^(?=.*\d)[\da-f-]{16,}$|(?=[a-z]*\d)(?=\d*[a-z])[\da-z]{20}/i.test(segment);

export const reduceUrl = (text: string): string => {
  try {
    const { origin, pathname, search } = new URL(text);
    const names = TL_PARAMS.split(/[\x80-\xff]/);
    const query = search
      .slice(1)
      .split("&")
      .flatMap((pair) => {
        const name = pair.split("=")[0]!;
        const known = names.indexOf(name.toLowerCase());
        if (known >= names.indexOf("gclid"))
          return permitsMarketing() && !TL_PERSONAL.includes(names[known]!) ? pair : name + "=*";
        return known >= 0 || options.keepQuery?.split(" ").includes(name) ? pair : [];
      })
      .join("&");
    const path = pathname.split("/").map((segment) => (looksLikeId(segment) ? "*" : segment));
    return origin + path.join("/") + (query && "?" + query);
  } catch {
    return "";
  }
};
