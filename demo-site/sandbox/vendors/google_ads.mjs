// SPDX-License-Identifier: Apache-2.0
// Google's Data Manager API and its token service: one bad record refuses the whole request and is
// named in fieldViolations; what was taken is judged later, by conversion action, in counts. A known
// transaction with another value is restated, which nobody has verified at Google's. Source: npm @google-ads/datamanager 0.3.0; Google
// documentation "Data Manager API: Understand API errors, Diagnostics, Adjust conversions"
// (November 2026).
import { bearer, firstProblem, isCurrency, isHash } from "../vendor_receiver.mjs";

export const TITLE = "Google Ads";
export const DEFAULTS = { refreshToken: "1//sandbox", customerId: "1234567890", conversions: ["987654321", "987654322", "987654323"] };
const ACCESS_TOKEN = "ya29.sandbox";
const error = (code, status, message, fieldViolations = []) => ({
  status: code,
  body: { error: { code, status, message, details: [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations }] } },
});

const isAuthorised = bearer(ACCESS_TOKEN, error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.").body);
const keyOf = (event) => `${event.destinationReferences}\n${event.transactionId}`;

// Requests that were taken, and what is said of them: nothing at the first question.
function createResults() {
  const requests = new Map(), unusable = new Set();
  return {
    // `refuses`: the first event turns out to be unusable, now and whenever it comes again.
    take({ destinations }, events, refuses) {
      if (refuses) unusable.add(keyOf(events[0]));
      const id = `sandbox-${requests.size + 1}`;
      requests.set(id, { asked: 0, statuses: destinations.map((destination) => {
        const own = events.filter((event) => event.destinationReferences.includes(destination.reference));
        const failed = own.filter((event) => unusable.has(keyOf(event))).length;
        const state = failed === 0 ? "SUCCESS" : failed < own.length ? "PARTIAL_SUCCESS" : "FAILED";
        const errorInfo = failed > 0 ? { errorInfo: { errorCounts: [{ recordCount: String(failed), reason: "PROCESSING_ERROR_REASON_INVALID_GCLID" }] } } : {};
        return { destination, requestStatus: state, ...errorInfo, eventsIngestionStatus: { recordCount: String(own.length) } };
      }) });
      return id;
    },
    isUnusable: (event) => unusable.has(keyOf(event)),
    tell(id) {
      const request = requests.get(id);
      if (!request) return error(404, "NOT_FOUND", "Requested entity was not found.");
      const isEarly = request.asked++ === 0;
      return { status: 200, body: { requestStatusPerDestination: request.statuses.map((status) => (isEarly ? { destination: status.destination, requestStatus: "PROCESSING" } : status)) } };
    },
  };
}

export const rules = ({ refreshToken, customerId, conversions }, results = createResults()) => ({
  path: (path) => path === "/v1/events:ingest" || path === "/v1/requestStatus:retrieve" || path === "/token",
  judgesLater: true,
  other(target, input, request) {
    if (target.pathname === "/v1/requestStatus:retrieve") return isAuthorised(request) ?? results.tell(target.searchParams.get("requestId"));
    if (target.pathname !== "/token") return null;
    const isKnown = input.refresh_token === refreshToken || (input.grant_type ?? "").endsWith("jwt-bearer");
    return isKnown ? { status: 200, body: { access_token: ACCESS_TOKEN, expires_in: 3600, token_type: "Bearer" } } : { status: 400, body: { error: "invalid_grant" } };
  },
  authorise(request, target, input) {
    const refusal = isAuthorised(request);
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
  key: keyOf,
  worth: (event) => `${event.conversionValue} ${event.currency}`,
  answer({ events, problems, mode, input }) {
    const violations = problems.flatMap((reason, i) => (reason ? [{ field: `events.events[${i}]`, description: reason, reason }] : []));
    if (violations.length === 0 && input.validateOnly) return { status: 200, body: {}, taken: () => false };
    if (violations.length === 0) {
      const requestId = results.take(input, events, mode === "partial");
      for (const [i, event] of events.entries()) if (results.isUnusable(event)) problems[i] = "INVALID_GCLID, told later";
      return { status: 200, body: { requestId } };
    }
    return { ...error(400, "INVALID_ARGUMENT", "There was a problem with the request.", violations), taken: () => false };
  },
  failures: {
    500: error(503, "UNAVAILABLE", "The service is currently unavailable."), 429: { ...error(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), headers: { "retry-after": "1" } },
    auth: error(403, "PERMISSION_DENIED", "The caller does not have permission"), reject: error(400, "INVALID_ARGUMENT", "There was a problem with the request."),
  },
});
