// SPDX-License-Identifier: Apache-2.0
// A shop's own endpoint that verifies Standard Webhooks signatures. Source: standard-webhooks
// specification 1.0.0.
import { createHmac } from "node:crypto";
import { isUuid, standardFailures } from "../vendor_receiver.mjs";

export const TITLE = "A signed webhook";
export const DEFAULTS = { secret: "whsec_c2FuZGJveC1zZWNyZXQtd2l0aC0zMi1ieXRlcy4uLi4=" };
const TOLERANCE_S = 300;
const body = (status, error) => ({ error });

export const rules = ({ secret }) => ({
  path: (path) => path === "/hooks/throughline",
  authorise(request, target, input, raw) {
    const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signatures = "" } = request.headers;
    const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`${id}.${time}.`).update(raw).digest("base64");
    const isFresh = Math.abs(Date.now() / 1000 - Number(time)) < TOLERANCE_S;
    return isFresh && signatures.split(" ").includes(`v1,${mac}`) ? null : { status: 401, body: body(401, "the signature is not ours") };
  },
  events: (input) => [input], most: 1,
  problem: (event) => (/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/.test(event.type ?? "") && !Number.isNaN(Date.parse(event.timestamp)) && isUuid(event.data?.event_id) ? null : "type, timestamp and data.event_id are required"),
  label: (event) => event.type,
  key: (event) => event.data.event_id,
  answer: ({ problems }) => (problems[0] ? { status: 400, body: body(400, problems[0]) } : { status: 204 }),
  failures: standardFailures(body),
});
