// SPDX-License-Identifier: Apache-2.0
// Starts the sandbox: node main.mjs [--port N] [--webhook-url URL] [--webhook-secret S]. Ends on
// SIGINT and SIGTERM. Prints its address as the only line on stdout.
import { parseArgs } from "node:util";
import { DEFAULTS, startSandbox } from "./server.mjs";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8789" }, "webhook-url": { type: "string" }, "webhook-secret": { type: "string" } },
});
const stripe = {
  webhookUrl: values["webhook-url"] ?? DEFAULTS.stripe.webhookUrl,
  webhookSecret: values["webhook-secret"] ?? DEFAULTS.stripe.webhookSecret,
};
const sandbox = await startSandbox({ port: Number(values.port), stripe });
console.log(sandbox.url);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => sandbox.close().then(() => process.exit(0)));
