// SPDX-License-Identifier: Apache-2.0
// Stripe's error shape: {"error":{"type","code","param","message","doc_url"}} with its status.
// Source: Stripe API reference "Errors", and the types of the official stripe package 23.1.0.

export class StripeError extends Error {
  constructor(status, type, message, { code, param } = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
  }
  body() {
    const error = { message: this.message, type: this.type };
    if (this.code) Object.assign(error, { code: this.code, doc_url: `https://stripe.com/docs/error-codes/${this.code.replaceAll("_", "-")}` });
    if (this.param) error.param = this.param;
    return { error };
  }
}

export const invalid = (message, code, param) => new StripeError(400, "invalid_request_error", message, { code, param });
export const missing = (param) => invalid(`Missing required param: ${param}.`, "parameter_missing", param);
export const unknownParam = (param) => invalid(`Received unknown parameter: ${param}`, "parameter_unknown", param);
export const notFound = (what, id, param = "id") =>
  new StripeError(404, "invalid_request_error", `No such ${what}: '${id}'`, { code: "resource_missing", param });
