// SPDX-License-Identifier: Apache-2.0
// Reddit Conversions API v3: a partly bad batch is refused with 400. Source: repository
// rudderlabs/rudder-transformer cdk/v2/destinations/reddit; Reddit help "Event deduplication" (November 2026).
import { bearer, firstProblem, isCurrency, isHash, standardFailures, timeProblem } from "../vendor_receiver.mjs";

export const TITLE = "Reddit";
export const DEFAULTS = { pixelId: "t2_sandbox", accessToken: "reddit-sandbox" };
const body = (code, message) => ({ error: { code, message } });
const TYPES = ["PAGE_VISIT", "VIEW_CONTENT", "SEARCH", "ADD_TO_CART", "ADD_TO_WISHLIST", "PURCHASE", "LEAD", "SIGN_UP", "CUSTOM"];

export const rules = ({ pixelId, accessToken }) => ({
  path: (path) => path === `/api/v3/pixels/${pixelId}/conversion_events`,
  authorise: bearer(accessToken, body(401, "Unauthorized")),
  events: (input) => input.data?.events, most: 1000, windowMs: 48 * 3_600_000,
  problem: (event, now) => firstProblem(
    timeProblem(event.event_at, 1, now, 7), !["WEBSITE", "APP", "PHYSICAL_STORE", "OTHER"].includes(event.action_source) && "action_source",
    !TYPES.includes(event.type?.tracking_type) && "type.tracking_type", event.type?.tracking_type === "CUSTOM" && !event.type.custom_event_name && "type.custom_event_name is required",
    !event.metadata?.conversion_id && "metadata.conversion_id is required", event.metadata?.value !== undefined && !isCurrency(event.metadata.currency) && "metadata.currency is required",
    ["email", "phone_number", "external_id", "ip_address"].map((key) => event.user?.[key] !== undefined && !isHash(event.user[key]) && `user.${key} must be a hash`).find(Boolean),
    !event.click_id && Object.keys(event.user ?? {}).length === 0 && "no match keys"),
  label: (event) => event.type?.custom_event_name ?? event.type?.tracking_type,
  key: (event) => `${event.type.tracking_type}\n${event.type.custom_event_name ?? ""}\n${event.metadata.conversion_id}`,
  answer({ problems }) {
    const bad = problems.find(Boolean);
    return bad ? { status: 400, body: body(400, bad), taken: () => false } : { status: 200, body: { data: { message: "Successfully processed conversion events." } } };
  },
  failures: standardFailures(body),
});
