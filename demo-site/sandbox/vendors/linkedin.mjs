// SPDX-License-Identifier: Apache-2.0
// LinkedIn Conversions API: a bad element refuses the batch with 422 and is named by its index.
// Source: LinkedIn documentation "Conversions API" (November 2026).
import { bearer, firstProblem, isHash, standardFailures, timeProblem } from "../vendor_receiver.mjs";

export const TITLE = "LinkedIn";
export const DEFAULTS = { accessToken: "linkedin-sandbox", rules: ["104012", "104013"] };
const body = (status, message) => ({ status, message, code: status === 401 ? "INVALID_ACCESS_TOKEN" : "ERROR" });
const ID_TYPES = ["SHA256_EMAIL", "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "ACXIOM_ID", "ORACLE_MOAT_ID"];

export const rules = ({ accessToken, rules: ids }) => ({
  path: (path) => path === "/rest/conversionEvents",
  authorise(request) {
    if (!/^\d{6}$/.test(request.headers["linkedin-version"] ?? "")) return { status: 400, body: body(400, "LinkedIn-Version is required") };
    if (request.headers["linkedin-version"] < "202512") return { status: 426, body: body(426, "Requested version is not active") };
    if (request.headers["x-restli-protocol-version"] !== "2.0.0" || request.headers["x-restli-method"] !== "BATCH_CREATE") return { status: 400, body: body(400, "restli headers") };
    return bearer(accessToken, body(401, "Invalid access token"))(request);
  },
  events: (input) => input.elements, most: 5000,
  problem: (event, now) => firstProblem(
    !ids.includes(event.conversion?.match(/^urn:lla:llaPartnerConversion:(\d+)$/)?.[1]) && "conversion: no such rule", timeProblem(event.conversionHappenedAt, 1, now, 90),
    typeof event.conversionValue?.amount !== "string" && event.conversionValue !== undefined && "conversionValue.amount must be text",
    !(event.user?.userIds?.length > 0) && "user.userIds is required", event.user?.userIds?.some((id) => !ID_TYPES.includes(id.idType)) && "user.userIds: unknown idType",
    event.user?.userIds?.some((id) => id.idType === "SHA256_EMAIL" && !isHash(id.idValue)) && "user.userIds: SHA256_EMAIL is no hash",
    (event.eventId ?? "").length > 64 && "eventId is longer than 64"),
  label: (event) => event.conversion,
  key: (event) => `${event.conversion}\n${event.eventId}`,
  answer({ problems }) {
    const bad = problems.flatMap((problem, i) => (problem ? [`index: ${i}, ${problem}`] : []));
    if (bad.length === 0) return { status: 201, body: { elements: problems.map(() => ({ status: 201 })) } };
    return { status: 422, body: body(422, `Data Processing Exception: ${bad.join("; ")}`), taken: () => false };
  },
  failures: standardFailures(body),
});
