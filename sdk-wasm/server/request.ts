// SPDX-License-Identifier: Apache-2.0
// What a request says that the page would have said itself: where it is, where it came from, whether it is
// a page that somebody looks at, and who asks.

export interface Place {
  url: string;
  referrer: string;
}

// What the Throughline server reads of a browser (docs/classification.md); the address chain as a proxy
// passes it on.
const kPassedOn = [
  "user-agent",
  "sec-ch-ua",
  "sec-ch-ua-mobile",
  "sec-ch-ua-platform",
  "sec-ch-ua-platform-version",
  "x-forwarded-for",
];

const isPrefetch = (headers: Headers): boolean =>
  ["sec-purpose", "purpose", "x-moz", "next-router-prefetch"].some((name) =>
    /prefetch|^1$/.test(headers.get(name) ?? ""),
  );

/** A document that a browser opens, not a part of one, nor one fetched before it is wanted. */
export const isPageView = ({ method, headers }: Request): boolean => {
  const destination = headers.get("sec-fetch-dest");
  const isDocument = destination
    ? destination == "document"
    : (headers.get("accept") ?? "").includes("text/html");
  return method == "GET" && isDocument && !isPrefetch(headers);
};

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** `origin`: the site's public one, where the request shows an inner address. */
export const placeOf = (request: Request, origin?: string, isPage = isPageView(request)): Place => {
  const at = new URL(request.url);
  const site = origin ?? at.origin;
  const url = site + at.pathname + at.search;
  const referrer = request.headers.get("referer") ?? "";
  if (isPage) return { url, referrer };
  // A call of a page is about that page; how its visitor came there is not known here.
  return { url: referrer.startsWith(site + "/") ? referrer : url, referrer: "" };
};

export const passedOn = ({ headers }: Request, more: string[] = []): Record<string, string> =>
  Object.fromEntries(
    [...kPassedOn, ...more].flatMap((name) => {
      const value = headers.get(name);
      return value ? [[name, value]] : [];
    }),
  );
