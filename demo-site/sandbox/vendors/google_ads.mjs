// SPDX-License-Identifier: Apache-2.0
// Google's Data Manager API and its token service: one bad record refuses the whole request and is
// named in fieldViolations. Source: npm @google-ads/datamanager 0.3.0; Google documentation "Data
// Manager API: Understand API errors" (November 2026).
import { bearer, firstProblem, isCurrency, isHash } from "../vendor_receiver.mjs";

export const TITLE = "Google Ads";
export const DEFAULTS = { refreshToken: "1//sandbox", customerId: "1234567890", conversions: ["987654321", "987654322", "987654323"] };
const ACCESS_TOKEN = "ya29.sandbox";
const error = (code, status, message, fieldViolations = []) => ({
  status: code,
  body: { error: { code, status, message, details: [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations }] } },
});

export const rules = ({ refreshToken, customerId, conversions }) => ({
  path: (path) => path === "/v1/events:ingest" || path === "/token",
  other(target, input) {
    if (target.pathname !== "/token") return null;
    const isKnown = input.refresh_token === refreshToken || (input.grant_type ?? "").endsWith("jwt-bearer");
    return isKnown ? { status: 200, body: { access_token: ACCESS_TOKEN, expires_in: 3600, token_type: "Bearer" } } : { status: 400, body: { error: "invalid_grant" } };
  },
  authorise(request, target, input) {
    const refusal = bearer(ACCESS_TOKEN, error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.").body)(request);
    if (refusal) return refusal;
    for (const [i, destination] of (input.destinations ?? []).entries()) {
      if (destination.operatingAccount?.accountId !== customerId) return error(403, "PERMISSION_DENIED", "The caller does not have permission");
      if (!conversions.includes(destination.productDestinationId)) return error(400, "INVALID_ARGUMENT", "There was a problem with the request.", [{ field: `destinations[${i}].product_destination_id`, reason: "INVALID_CONVERSION_ACTION_ID", description: "no such conversion action" }]);
    }
    if (!Array.isArray(input.destinations) || input.destinations.length === 0 || input.destinations.length > 10) return error(400, "INVALID_ARGUMENT", "destinations", [{ field: "destinations", reason: "REQUIRED_FIELD_MISSING" }]);
    if (input.encoding !== "HEX" && input.encoding !== "BASE64") return error(400, "INVALID_ARGUMENT", "encoding", [{ field: "encoding", reason: "REQUIRED_FIELD_MISSING" }]);
    return null;
  },
  events: (input) => input.events, most: 2000,
  problem: (event, now, input) => firstProblem(
    Number.isNaN(Date.parse(event.eventTimestamp ?? "")) && "EVENT_TIME_INVALID", now - Date.parse(event.eventTimestamp) > 90 * 86_400_000 && "EVENT_TIME_INVALID",
    (event.destinationReferences ?? []).some((reference) => !input.destinations.some((d) => d.reference === reference)) && "INVALID_DESTINATION_REFERENCE",
    !event.adIdentifiers && !event.userData && "NO_IDENTIFIERS_PROVIDED",
    Object.keys(event.adIdentifiers ?? {}).length > 1 && "MULTIPLE_CLICK_IDS",
    (event.userData?.userIdentifiers ?? []).some((id) => !isHash(id.emailAddress ?? id.phoneNumber)) && "INVALID_HEX_ENCODING",
    event.conversionValue !== undefined && !isCurrency(event.currency) && "INVALID_CURRENCY_CODE",
    event.consent?.adUserData !== "CONSENT_GRANTED" && "DENIED_CONSENT"),
  label: (event) => `conversion for ${(event.destinationReferences ?? []).join(", ")}`,
  key: (event) => `${event.destinationReferences}\n${event.transactionId}`,
  answer({ problems }) {
    const violations = problems.flatMap((reason, i) => (reason ? [{ field: `events.events[${i}]`, description: reason, reason }] : []));
    if (violations.length === 0) return { status: 200, body: { requestId: `sandbox-${Date.now()}` } };
    return { ...error(400, "INVALID_ARGUMENT", "There was a problem with the request.", violations), taken: () => false };
  },
  failures: {
    500: error(503, "UNAVAILABLE", "The service is currently unavailable."), 429: { ...error(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), headers: { "retry-after": "1" } },
    auth: error(403, "PERMISSION_DENIED", "The caller does not have permission"), reject: error(400, "INVALID_ARGUMENT", "There was a problem with the request."),
  },
});
