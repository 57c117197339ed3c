// SPDX-License-Identifier: Apache-2.0
// A batch as it travels: its events, and once for all of them what the server needs beside (docs/wire.md).
import { maxMs, options, rotateOnCampaign, timeoutMs } from "./config.js";
import { permitsMarketing, permitsStorage } from "./consent.js";
import { pageNonce } from "./evidence.js";
import { token } from "./posts.js";
import { readCookie, storedTouches } from "./storage.js";

export const envelope = (items: string[]): string => {
  const cookies: Record<string, string | undefined> = {};
  if (permitsMarketing())
    for (const name of ["fbp", "fbc", "ga", "ttp"]) cookies[name] = readCookie("_" + name) || undefined;
  const { n, r } = storedTouches();
  return (
    JSON.stringify({
      v: 1,
      site: options.site,
      key: options.key,
      rv: +items[0]![0]!,
      sent: Date.now(),
      tok: (permitsStorage() && token) || undefined,
      pf: n,
      rs: r,
      pn: pageNonce,
      ru: { to: timeoutMs, mx: maxMs, rc: +rotateOnCampaign },
      ck: cookies,
    }).slice(0, -1) + `,"e":[${items.map((item) => item.slice(1))}]}`
  );
};
