// SPDX-License-Identifier: Apache-2.0
// X web conversions: the OAuth 1.0a signature is computed again and compared. Source: X developer
// documentation "Web conversions"; RFC 5849 (November 2026).
import { createHmac } from "node:crypto";
import { firstProblem, isHash, standardFailures } from "../vendor_receiver.mjs";

export const TITLE = "X";
export const DEFAULTS = { pixelId: "osand", consumerKey: "x-ck", consumerSecret: "x-cs", accessToken: "x-at", accessTokenSecret: "x-ats", eventIds: ["tw-osand-p1", "tw-osand-l1"] };
const body = (status, message) => ({ errors: [{ code: status === 401 ? "UNAUTHORIZED_ACCESS" : "INVALID", message }], request: {} });
const quote = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// `origin`: how the sender names the sandbox.
function isSigned(request, target, keys) {
  const given = Object.fromEntries([...(request.headers.authorization ?? "").matchAll(/(oauth_[a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, decodeURIComponent(value)]));
  const { oauth_signature: signature, ...params } = given;
  if (params.oauth_consumer_key !== keys.consumerKey || params.oauth_token !== keys.accessToken) return false;
  const joined = Object.keys(params).sort().map((name) => `${name}=${quote(params[name])}`).join("&");
  const base = ["POST", quote(`http://${request.headers.host}${target.pathname}`), quote(joined)].join("&");
  return signature === createHmac("sha1", `${quote(keys.consumerSecret)}&${quote(keys.accessTokenSecret)}`).update(base).digest("base64");
}

export const rules = (keys) => ({
  path: (path) => path === `/12/measurement/conversions/${keys.pixelId}`,
  authorise: (request, target) => (isSigned(request, target, keys) ? null : { status: 401, body: body(401, "This request is not properly authenticated") }),
  events: (input) => input.conversions, most: 500, windowMs: 48 * 3_600_000,
  problem: (event) => firstProblem(
    Number.isNaN(Date.parse(event.conversion_time ?? "")) && "conversion_time", !keys.eventIds.includes(event.event_id) && "event_id", !event.conversion_id && "conversion_id", !(event.identifiers?.length > 0) && "identifiers",
    event.identifiers?.some((id) => [id.hashed_email, id.hashed_phone_number].some((hash) => hash !== undefined && !isHash(hash))) && "identifiers must be hashes",
    event.identifiers?.some((id) => ("ip_address" in id) !== ("user_agent" in id)) && "ip_address and user_agent go together"),
  label: (event) => event.event_id,
  key: (event) => `${event.event_id}\n${event.conversion_id}`,
  answer({ problems }) {
    const bad = problems.find(Boolean);
    return bad ? { status: 400, body: body(400, bad), taken: () => false } : { status: 200, body: { data: { conversions_processed: problems.length, debug_id: "sandbox" } } };
  },
  failures: standardFailures(body),
});
