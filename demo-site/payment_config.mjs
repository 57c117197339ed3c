// SPDX-License-Identifier: Apache-2.0
// TOML of every payment provider beside Stripe, with the secrets that the sandbox signs with.
import * as PROVIDERS from "./sandbox/providers/index.mjs";
import { webhookAddress } from "./sandbox/server.mjs";
import { table } from "./toml.mjs";

// `shop`, `sandbox`: the addresses of the server and of the sandbox.
export function paymentProviders({ shop, sandbox }) {
  return Object.entries(PROVIDERS).filter(([, { endpoint }]) => endpoint === undefined).map(([name, { secret, settings }]) =>
    table(`site.payment.${name}`, settings ? settings({ secret, url: webhookAddress(name, { shop }), sandbox }) : { webhook_secrets: [secret] })).join("\n");
}
