// SPDX-License-Identifier: Apache-2.0
// The server's configuration for the demo and the browser journeys, as TOML text: one site, every payment
// provider, Meta and PostHog all pointing at the sandbox. As a program it writes the file and its secret:
//   node demo_config.mjs --folder DIR --server URL --site URL --sandbox URL [--quiet] [--vendors]
// --vendors: with every other destination too.
// --quiet: without destinations and rate limit, to take in a past that must not be sent to anybody.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { paymentProviders } from "./payment_config.mjs";
import { vendorDestinations } from "./vendor_config.mjs";

// Countries by address, from registries' data (CC BY 4.0, attribution: nro.net).
const mmdb = fileURLToPath(
  new URL("sandbox/node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb", import.meta.url));

const destinations = (sandbox) => `  [site.destination.meta]
  pixel_id = "1234567890"
  access_token = "EAAsandbox"
  api_version = "v25.0"
  base_url = "${sandbox}"

  [site.destination.posthog]
  api_key = "phc_sandbox"
  base_url = "${sandbox}"
`;

export function demoConfig({ folder, server, site, sandbox, extra = "", origins = [], quiet = false, vendors = false, more = "" }) {
  return `# Written by the demo; the values point at the sandbox, not at anybody's account.
[server]
listen = "${new URL(server).host}"
public_url = "${server}"
secret = "file:${join(folder, "secret")}"
allow_private_destinations = true   # the sandbox stands on loopback
${quiet ? "rate_limit_per_ip = 0\nform_limit_per_ip = 0\n" : ""}
[store]
url = "sqlite:${join(folder, "throughline.db")}"

[geo]
mmdb = "${existsSync(mmdb) ? mmdb : ""}"

[[site]]
id = "demo"
name = "The Long Light"
write_key = "wk_demo"
origins = ${JSON.stringify([site, ...origins])}
timezone = "Europe/Prague"
currency = "EUR"
default_country = "CZ"
${extra}
  [site.payment.stripe]
  webhook_secrets = ["whsec_sandbox"]
  api_key = "sk_live_sandbox"
  base_url = "${sandbox}"

${paymentProviders({ shop: server, sandbox })}
  [[site.checkout]]
  id = "donation"
  name = "The Long Light"
  currency = "EUR"
  min_minor = 500
  max_minor = 500000
  mode = "payment"
  success_url = "${site}/thanks/?cs={CHECKOUT_SESSION_ID}"
  cancel_url = "${site}/donate/?canceled=1"

  [[site.checkout]]
  id = "monthly"
  name = "The Long Light, each month"
  currency = "EUR"
  min_minor = 500
  max_minor = 500000
  mode = "subscription"
  interval = "month"
  success_url = "${site}/thanks/?cs={CHECKOUT_SESSION_ID}"
  cancel_url = "${site}/donate/?canceled=1"

${quiet ? "" : destinations(sandbox)}${vendors ? vendorDestinations(sandbox) : ""}${more}`;
}

// Writes DIR/throughline.toml and, once, DIR/secret; answers the configuration's path.
export function writeDemoConfig(places) {
  mkdirSync(places.folder, { recursive: true });
  const secret = join(places.folder, "secret");
  if (!existsSync(secret)) writeFileSync(secret, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  const path = join(places.folder, "throughline.toml");
  writeFileSync(path, demoConfig(places));
  return path;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = { type: "string" };
  const { values } = parseArgs({ options: { folder: text, server: text, site: text, sandbox: text, quiet: { type: "boolean" }, vendors: { type: "boolean" } } });
  console.log(writeDemoConfig(values));
}
