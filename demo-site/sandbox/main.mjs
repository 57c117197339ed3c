// SPDX-License-Identifier: Apache-2.0
// Starts the sandbox: node main.mjs [--port N] [--shop URL] [--site ID]. --shop: the Throughline server
// that gets the webhooks. Ends on SIGINT and SIGTERM. Prints its address as the only line on stdout.
import { parseArgs } from "node:util";
import { DEFAULTS, startSandbox } from "./server.mjs";

const text = { type: "string" };
const { values } = parseArgs({ options: { port: { ...text, default: "8789" }, shop: { ...text, default: DEFAULTS.shop }, site: { ...text, default: DEFAULTS.site } } });
const sandbox = await startSandbox({ ...values, port: Number(values.port) });
console.log(sandbox.url);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => sandbox.close().then(() => process.exit(0)));
