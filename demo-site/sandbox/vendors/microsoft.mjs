// SPDX-License-Identifier: Apache-2.0
// Microsoft's UET Conversions API: errors by index. Source: Microsoft documentation "UET Conversions
// API guide" (November 2026).
import { bearer, firstProblem, isHash, standardFailures, timeProblem } from "../vendor_receiver.mjs";

export const TITLE = "Microsoft UET";
export const DEFAULTS = { tagId: "97000001", accessToken: "microsoft-sandbox" };
const body = (code, message, details = []) => ({ eventsReceived: 0, error: { code: String(code), message, details }, traceId: "sandbox" });

export const rules = ({ tagId, accessToken }) => ({
  path: (path) => path === `/v1/${tagId}/events`,
  authorise: bearer(accessToken, body(401, "Unauthorized")),
  events: (input) => input.data, most: 1000, windowMs: 48 * 3_600_000,
  problem: (event, now) => firstProblem(
    !["pageLoad", "custom"].includes(event.eventType) && "eventType", event.eventType === "custom" && !event.eventName && "eventName", !event.eventId && "eventId", timeProblem(event.eventTime, 1000, now, 7),
    !["G", "D"].includes(event.adStorageConsent) && "adStorageConsent", ["em", "ph"].map((key) => event.userData?.[key] !== undefined && !isHash(event.userData[key]) && key).find(Boolean),
    event.adStorageConsent === "D" && (event.userData?.em || event.userData?.msclkid) && "identifiers without consent"),
  label: (event) => event.eventName ?? event.eventType,
  key: (event) => `${event.eventName}\n${event.eventId}`,
  answer({ events, problems }) {
    const details = problems.flatMap((propertyName, index) => (propertyName ? [{ index, propertyName, attemptedValue: null, errorMessage: "is not valid" }] : []));
    if (details.length === 0) return { status: 200, body: { eventsReceived: events.length, traceId: "sandbox" } };
    const goOn = events.every((event) => event.continueOnValidationError);
    return { status: goOn ? 200 : 400, body: { ...body("ValidationError", "some events are not valid", details), eventsReceived: goOn ? events.length - details.length : 0 }, taken: (i) => goOn && !problems[i] };
  },
  failures: standardFailures(body),
});
