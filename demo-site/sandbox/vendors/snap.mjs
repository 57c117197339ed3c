// SPDX-License-Identifier: Apache-2.0
// Snap Conversions API v3: one bad event refuses its request. Source: Snap developer documentation
// "Conversions API: Using the API" (November 2026).
import { firstProblem, isCurrency, isHash, standardFailures, timeProblem } from "../vendor_receiver.mjs";

export const TITLE = "Snapchat";
export const DEFAULTS = { pixelId: "snap-pixel", accessToken: "snap-sandbox" };
const body = (status, reason) => ({ status: status < 300 ? "VALID" : "INVALID", reason });
const NAMES = /^(PAGE_VIEW|VIEW_CONTENT|ADD_CART|START_CHECKOUT|PURCHASE|SIGN_UP|SAVE|SEARCH|ADD_BILLING|CUSTOM_EVENT_[1-5])$/;

export const rules = ({ pixelId, accessToken }) => ({
  path: (path) => path === `/v3/${pixelId}/events` || path === `/v3/${pixelId}/events/validate`,
  authorise: (request, target) => (target.searchParams.get("access_token") === accessToken ? null : { status: 401, body: body(401, "unauthorised") }),
  events: (input) => input.data, most: 2000, windowMs: 48 * 3_600_000,
  problem: (event, now) => firstProblem(
    !NAMES.test(event.event_name ?? "") && "event_name is not known", timeProblem(event.event_time, 1000, now, 37), event.action_source !== "website" && "action_source",
    !/^https?:/.test(event.event_source_url ?? "http:") && "event_source_url",
    ["em", "ph", "fn", "ln", "country", "external_id"].map((key) => !(event.user_data?.[key] ?? []).every(isHash) && `${key} must be hashes`).find(Boolean),
    !event.user_data?.em && !event.user_data?.ph && !(event.user_data?.client_ip_address && event.user_data?.client_user_agent) && "user_data matches nobody",
    event.event_name === "PURCHASE" && !(isCurrency(event.custom_data?.currency) && typeof event.custom_data?.value === "number") && "PURCHASE needs currency and value"),
  label: (event) => event.event_name,
  key: (event) => `${event.event_name}\n${event.event_id}`,
  answer({ problems }) {
    const bad = problems.find(Boolean);
    return bad ? { status: 400, body: body(400, bad), taken: () => false } : { status: 200, body: body(200, "Events have been processed successfully.") };
  },
  failures: standardFailures(body),
});
