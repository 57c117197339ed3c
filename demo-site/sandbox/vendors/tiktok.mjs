// SPDX-License-Identifier: Apache-2.0
// TikTok Events API 2.0: HTTP 200 always, the code tells. Source: TikTok business documentation
// "Events API 2.0"; help "Event deduplication" (November 2026).
import { firstProblem, isCurrency, isHash, timeProblem } from "../vendor_receiver.mjs";

export const TITLE = "TikTok";
export const DEFAULTS = { pixelCode: "CSANDBOX", accessToken: "tiktok-sandbox" };
const answer = (code, message, data = {}) => ({ status: 200, body: { code, message, request_id: "sandbox", data } });

export const rules = ({ pixelCode, accessToken }) => ({
  path: (path) => path === "/open_api/v1.3/event/track/",
  authorise(request, target, input) {
    if (request.headers["access-token"] !== accessToken) return answer(40105, "Access token is incorrect or has been revoked.");
    if (input.event_source !== "web" || input.event_source_id !== pixelCode) return answer(40001, "No permission to operate this pixel.");
    return null;
  },
  events: (input) => input.data, most: 1000, windowMs: 48 * 3_600_000,
  problem: (event, now) => firstProblem(
    !event.event && "event is required", !event.event_id && "event_id is required", timeProblem(event.event_time, 1000, now, 7),
    ["email", "phone", "external_id"].map((key) => event.user?.[key] !== undefined && !isHash(event.user[key]) && `user.${key} must be a SHA-256 hash`).find(Boolean),
    event.properties?.value !== undefined && typeof event.properties.value !== "number" && "value must be a number",
    event.event === "Purchase" && !isCurrency(event.properties?.currency) && "currency is required"),
  label: (event) => event.event,
  key: (event) => `${event.event}\n${event.event_id}`,
  answer({ problems }) {
    const bad = problems.filter(Boolean).length;
    if (bad === 0) return answer(0, "OK");
    return bad < problems.length ? answer(20001, `partly: ${problems.find(Boolean)}`) : answer(40002, problems[0]);
  },
  failures: { 500: { status: 500, body: {} }, 429: answer(40100, "Too many requests"), auth: answer(40105, "Access token is incorrect or has been revoked."), reject: answer(40002, "invalid parameter") },
});
