// SPDX-License-Identifier: Apache-2.0
// A CRM that takes batches of {eventName, timestamp, properties, context} with its own headers.
import { isUuid, standardFailures } from "../vendor_receiver.mjs";

export const TITLE = "A CRM";
export const DEFAULTS = { apiKey: "crm-sandbox", funnel: "film" };
const body = (status, error) => ({ error });

export const rules = ({ apiKey, funnel }) => ({
  path: (path) => path === "/crm/track/events",
  authorise: (request) => (request.headers["x-acme-api-key"] === apiKey && request.headers["x-acme-funnel-id"] === funnel ? null : { status: 401, body: body(401, "unknown key or funnel") }),
  events: (input) => input.events, most: 50,
  problem: (event) => (event.eventName && !Number.isNaN(Date.parse(event.timestamp)) && isUuid(event.properties?.eventId) && event.context?.consent ? null : "eventName, timestamp, properties.eventId and context.consent are required"),
  label: (event) => event.eventName,
  key: (event) => `${event.eventName}\n${event.properties.eventId}`,
  answer({ problems }) {
    const bad = problems.find(Boolean);
    return bad ? { status: 422, body: body(422, bad), taken: () => false } : { status: 200, body: { accepted: problems.length } };
  },
  failures: standardFailures(body),
});
