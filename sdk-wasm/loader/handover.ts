// SPDX-License-Identifier: Apache-2.0
// The ids on their way to a payment provider's page: one packed token (shared/checkout.hpp reads it),
// metadata pairs, or parameters added to the checkout's address. Without consent there are no ids, and
// addresses stay as they are, unless the site hands over a channel then.

// Where each provider's page takes the ids, by scheme, host and path. A key that ends in a bracket is
// a map with one entry a value; any other key holds the token. Sources, checked 2026-09: Shopify "Create
// cart permalinks" (on any shop's own domain); Stripe "Payment links, URL parameters"; Polar's checkout
// link endpoint (reference_id alone reaches the metadata); Lemon Squeezy "Passing custom data"; Gumroad
// "Ping" (any parameter comes back in url_params). Whop
// documents no parameter: its key is what public buy buttons use, best effort. Paddle takes custom data
// only through its script, so its addresses stay as they are.
const targets: [page: RegExp, key: string][] = [
  [/^https?:..[^/]+\/cart\/\d.*:/, "attributes["],
  [/^https?:..([^/]+\.)?((buy|book|donate)\.stripe|gumroad)\.com\.?\//, "client_reference_id"],
  [/^https?:..([^/]+\.)?whop\.com\.?\//, "checkout_session_metadata["],
  [/^https?:..([^/]+\.)?polar\.sh\.?\//, "reference_id"],
  [/^https?:..([^/]+\.)?lemonsqueezy\.com\.?\//, "checkout[custom]["],
];

export interface HandOver {
  token: string | null;
  metadata: Record<string, string>;
  decorated: (url: string) => string;
}

/**
 * `state`: a state line with ids, or "". Without ids what coarse.ts has found out is handed over, if the site
 * wants that.
 */
export const handOver = (state: string, now: number): HandOver => {
  const [anonymous_id, session_id] = state.split(".");
  const token = session_id ? ["tl1", anonymous_id, session_id, now.toString(36)].join("_") : handOver.token;
  const metadata = session_id ? { anonymous_id, session_id, checkout_started_at: now + "" } : handOver.metadata;
  const decorated = (url: string): string => {
    try {
      const { protocol, hostname, pathname, searchParams } = new URL(url);
      const key = targets.find(([page]) => page.test(protocol + "//" + hostname + pathname))![1];
      let [address, ...rest] = url.trim().split("#") as [string, ...string[]];
      for (const [name, value] of /\[$/.test(key)
        ? Object.entries(metadata).map(([field, value]) => [key + field + "]", value])
        : [[key, token]])
        if (value && !searchParams.has(name!))
          address += (address.includes("?") ? "&" : "?") + name + "=" + value;
      return [address, ...rest].join("#");
    } catch {
      return url; // no address of a provider
    }
  };
  return { token, metadata: metadata as Record<string, string>, decorated };
};
handOver.token = null as string | null;
handOver.metadata = {} as Record<string, string>;
