// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/next/config: the Throughline server under a path of the site itself.

interface Rewrite {
  source: string;
  destination: string;
}
type Rewrites = Rewrite[] | { beforeFiles?: Rewrite[]; afterFiles?: Rewrite[]; fallback?: Rewrite[] };

/** `path`: where the server is found on the site ("/tl"); give it to the SDK as its endpoint. */
export const withThroughline = <Config extends { rewrites?: () => Promise<Rewrites> }>(
  config: Config,
  { endpoint, path = "/tl" }: { endpoint: string; path?: string },
): Config => ({
  ...config,
  rewrites: async () => {
    const given = (await config.rewrites?.()) ?? [];
    const own = { source: `${path}/:path*`, destination: `${endpoint.replace(/\/$/, "")}/:path*` };
    if (Array.isArray(given)) return [...given, own];
    return { ...given, afterFiles: [...(given.afterFiles ?? []), own] };
  },
});
