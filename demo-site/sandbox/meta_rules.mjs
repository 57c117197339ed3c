// SPDX-License-Identifier: Apache-2.0
// What Meta's Conversions API refuses, event by event. One refused event refuses its whole request.
// Source: Meta developer documentation "Conversions API: Parameters; Server Event Parameters; Customer
// Information Parameters; Best practices; Error reference" (November 2026).

const ACTION_SOURCES = ["email", "website", "app", "phone_call", "chat", "physical_store", "system_generated", "business_messaging", "other"];
const HASHED = ["em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country"];
const PLAIN = [
  "external_id", "client_ip_address", "client_user_agent", "fbc", "fbp", "subscription_id", "fb_login_id", "lead_id", "madid",
  "anon_id", "page_id", "page_scoped_user_id", "ctwa_clid", "ig_account_id", "ig_sid",
];
// Customer information made of nothing but one of these sets matches nobody (subcode 2804050).
const TOO_LITTLE = [
  ["ct", "country", "st", "zp", "ge", "client_user_agent"], ["db", "client_user_agent"], ["fn", "ge"], ["ln", "ge"],
];
const WEEK_S = 7 * 86400;
const STORE_WINDOW_S = 62 * 86400;

const problem = (message, subcode, title) => ({ code: 100, type: "OAuthException", message, subcode, title });
const isPresent = (value) => value !== undefined && value !== null && value !== "";
const listOf = (value) => (Array.isArray(value) ? value : [value]);

function userDataProblem(data) {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return problem("(#100) The parameter user_data is required.");
  const keys = Object.keys(data).filter((key) => isPresent(data[key]));
  const unknown = keys.find((key) => !HASHED.includes(key) && !PLAIN.includes(key));
  if (unknown) return problem(`(#100) Invalid keys "${unknown}" were found in param "user_data".`);
  for (const key of HASHED) {
    if (!isPresent(data[key])) continue;
    for (const value of listOf(data[key])) {
      if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
        return problem(`(#100) user_data.${key} must be a SHA-256 hash in lower-case hex.`, 2804019, "Unhashed customer information");
      }
    }
  }
  for (const [key, pattern] of [["fbc", /^fb\.\d\.\d+\.[^.]+(\..+)?$/], ["fbp", /^fb\.\d\.\d+\.\d+(\..+)?$/]]) {
    if (isPresent(data[key]) && !pattern.test(data[key])) return problem(`(#100) user_data.${key} is malformed.`, 2804016);
  }
  if (keys.length === 0 || TOO_LITTLE.some((set) => keys.every((key) => set.includes(key)))) {
    return problem("(#100) This event has too little customer information.", 2804050, "Your server event doesn't include enough customer information parameters");
  }
  return null;
}

function customDataProblem(event) {
  const data = event.custom_data ?? {};
  if (typeof data !== "object" || Array.isArray(data)) return problem("(#100) custom_data must be an object.");
  if (isPresent(data.currency) && !/^[A-Z]{3}$/.test(data.currency)) return problem("(#100) custom_data.currency must be an ISO 4217 code.", 2804017);
  if (isPresent(data.value) && typeof data.value !== "number") return problem("(#100) custom_data.value must be a number.", 2804007);
  if (event.event_name !== "Purchase") return null;
  if (!isPresent(data.currency)) return problem("(#100) Missing currency for the purchase event.", 2804001, "Missing Currency Parameter");
  if (typeof data.value !== "number" || data.value < 0) return problem("(#100) Missing value for the purchase event.", 2804001, "Missing Value Parameter");
  return null;
}

// null when the event is fit, else {code, type, message, subcode?, title?}. now: Unix seconds.
export function eventProblem(event, now) {
  if (typeof event !== "object" || event === null) return problem("(#100) Each item of data must be an object.");
  if (typeof event.event_name !== "string" || event.event_name === "") return problem("(#100) The parameter event_name is required.");
  if (!Number.isInteger(event.event_time)) return problem("(#100) The parameter event_time is required, in Unix seconds.");
  if (event.event_time > 1e11) return problem("(#100) event_time must be in seconds, not milliseconds.");
  if (!ACTION_SOURCES.includes(event.action_source)) return problem(`(#100) The parameter action_source is required, one of ${ACTION_SOURCES.join(", ")}.`);
  const window = event.action_source === "physical_store" ? STORE_WINDOW_S : WEEK_S;
  if (now - event.event_time > window) return problem("(#100) The timestamp for this event is too far in the past.", 2804003, "Event Timestamp Too Old");
  if (isPresent(event.event_id) && typeof event.event_id !== "string") return problem("(#100) event_id must be a string.");
  if (event.action_source === "website") {
    if (!/^https?:\/\/[^\s/]+/.test(event.event_source_url ?? "")) return problem("(#100) event_source_url is required for website events.", 2804004);
    if (!isPresent(event.user_data?.client_user_agent)) return problem("(#100) user_data.client_user_agent is required for website events.", 2804004);
  }
  return userDataProblem(event.user_data) ?? customDataProblem(event);
}

const PRIVATE_ADDRESS = /^(10\.|127\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cde])/i;

// What Meta takes without a word although it helps nobody.
export function eventWarnings(event, now) {
  const found = [];
  if (!isPresent(event.event_id)) found.push("no event_id: this event can not be deduplicated");
  if (event.event_time > now + 60) found.push("event_time lies in the future");
  const { client_ip_address: address } = event.user_data;
  if (isPresent(address) && PRIVATE_ADDRESS.test(address)) found.push(`client_ip_address ${address} is not public`);
  return found;
}
