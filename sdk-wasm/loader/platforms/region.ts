// SPDX-License-Identifier: Apache-2.0
// data-consent-default="region": what an unknown choice means where the visitor is, which the server knows.
// Asked beside everything else; until it has answered, and where it does not, the strict default holds.
import type { Options } from "../types.js";

/** Whether an unknown choice is a yes here. */
export const regionGrants = async ({ endpoint, site }: Options): Promise<boolean> => {
  const { href } = new URL(endpoint || new URL(import.meta.url).origin, location.href);
  const reply = await fetch(href.replace(/\/$/, "") + "/api/region?site=" + encodeURIComponent(site), {
    credentials: "omit",
    referrerPolicy: "origin",
  });
  return (await reply.json()).consent_default == "granted";
};
