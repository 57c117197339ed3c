// SPDX-License-Identifier: Apache-2.0
// Pinterest Conversions API: judged event by event, 422 when some failed; unknown fields are refused.
// Source: repository pinterest/api-description v5/openapi.yaml (November 2026).
import { bearer, firstProblem, isHash, standardFailures, timeProblem, unknownKey } from "../vendor_receiver.mjs";

export const TITLE = "Pinterest";
export const DEFAULTS = { adAccountId: "549000", accessToken: "pina_sandbox" };
const body = (code, message) => ({ code, message });
const NAMES = ["add_payment_info", "add_to_cart", "add_to_wishlist", "checkout", "custom", "initiate_checkout", "lead", "page_visit", "search", "signup", "view_category", "view_content", "watch_video"];
const EVENT = ["event_name", "action_source", "event_time", "event_id", "event_source_url", "opt_out", "opt_out_type", "opt_out_country", "opt_out_state", "partner_name", "user_data", "custom_data", "language"];
const HASHED = ["em", "ph", "ge", "db", "ln", "fn", "ct", "st", "zp", "country", "external_id"];
const USER = [...HASHED, "hashed_maids", "client_ip_address", "client_user_agent", "click_id", "partner_id"];
const CUSTOM = ["currency", "value", "content_ids", "contents", "num_items", "order_id", "search_string", "content_name", "content_category", "content_brand", "np", "opt_out_type", "predicted_ltv"];
const ITEM = ["id", "item_price", "quantity", "item_name", "item_category", "item_brand"];

export const rules = ({ adAccountId, accessToken }) => ({
  path: (path) => path === `/v5/ad_accounts/${adAccountId}/events`,
  authorise: bearer(accessToken, body(2, "Authentication failed.")),
  events: (input) => input.data, most: 1000, windowMs: 48 * 3_600_000,
  problem: (event, now) => firstProblem(
    unknownKey(event, EVENT), unknownKey(event.user_data ?? {}, USER), unknownKey(event.custom_data ?? {}, CUSTOM), event.custom_data?.contents?.map((item) => unknownKey(item, ITEM)).find(Boolean),
    !NAMES.includes(event.event_name) && "event_name is not known", !event.event_id && "event_id is required", timeProblem(event.event_time, 1000, now, 7), typeof event.opt_out !== "boolean" && "opt_out is required",
    !["web", "app_android", "app_ios", "offline"].includes(event.action_source) && "action_source",
    HASHED.map((key) => !(event.user_data?.[key] ?? []).every(isHash) && `${key} must be hashes`).find(Boolean),
    !event.user_data?.em && !event.user_data?.hashed_maids && !(event.user_data?.client_ip_address && event.user_data?.client_user_agent) && "user_data matches nobody",
    event.custom_data?.value !== undefined && typeof event.custom_data.value !== "string" && "value must be text",
    event.custom_data?.contents?.some((item) => item.item_price !== undefined && typeof item.item_price !== "string") && "item_price must be text",
    event.partner_name !== undefined && !event.partner_name.startsWith("ss-") && "partner_name must begin with ss-"),
  label: (event) => event.event_name,
  key: (event) => `${event.event_name}\n${event.event_id}`,
  answer({ problems }) {
    const events = problems.map((problem) => (problem ? { status: "failed", error_message: problem, warning_message: null } : { status: "processed", error_message: null, warning_message: null }));
    const processed = problems.filter((problem) => !problem).length;
    return { status: processed === problems.length ? 200 : 422, body: { num_events_received: problems.length, num_events_processed: processed, events } };
  },
  failures: standardFailures(body, { 500: { status: 503, body: body(503, "unavailable") } }),
});
