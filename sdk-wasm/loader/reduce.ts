// SPDX-License-Identifier: Apache-2.0
// URL reduction for pages without a core, which must not send more than the core would: scheme, host,
// path, campaign parameters and click ids. The server reduces again by the rules of shared/touch.hpp.

// Names of campaign parameters and, from gclid on, click ids, each ended by a byte above 0x7f: the
// core's own table (shared/data/params.tsv), which the build copies out of the module.
declare const TL_PARAMS: string;
declare const TL_PERSONAL: string[];

export const looksLikeId = (segment: string): boolean =>
  /@|%40|^\d{6,}$|^(?=.*\d)[\da-f-]{16,}$|(?=[a-z]*\d)(?=\d*[a-z])[\da-z]{20}/i.test(segment);

/** Host and path alone, with "*" for what looks like an id or an address. */
export const reducedPlace = ({ origin, pathname }: URL): string =>
  origin + pathname.split("/").map((segment) => (looksLikeId(segment) ? "*" : segment)).join("/");

export type Reduce = (url: string, keepQuery: string, permitsMarketing: boolean) => string;

export const reducer = (): Reduce => (text, keepQuery, permitsMarketing) => {
  try {
    const url = new URL(text);
    const names = TL_PARAMS.split(/[\x80-\xff]/);
    const query = url.search
      .slice(1)
      .split("&")
      .flatMap((pair) => {
        const name = pair.split("=")[0]!;
        const known = names.indexOf(name.toLowerCase());
        if (known >= names.indexOf("gclid"))
          return permitsMarketing && !TL_PERSONAL.includes(names[known]!) ? pair : name + "=*";
        return known >= 0 || keepQuery.split(" ").includes(name) ? pair : [];
      })
      .join("&");
    return reducedPlace(url) + (query && "?" + query);
  } catch {
    return "";
  }
};
