// SPDX-License-Identifier: Apache-2.0
// The stage of a journey: the real server binary on a fresh SQLite file, the demo site and the sandbox,
// all on free loopback ports, all gone at stop(). THROUGHLINE_BINARY names another build.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, openSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../demo-site/free_port.mjs";
import { writeDemoConfig } from "../../demo-site/demo_config.mjs";
import { startSandbox } from "../../demo-site/sandbox/server.mjs";
import { startSite } from "../../demo-site/serve.mjs";
import { connect } from "./report_client.mjs";

const BINARY = process.env.THROUGHLINE_BINARY ?? fileURLToPath(new URL("../../build/release/throughline", import.meta.url));
const START_TIMEOUT_MS = 15_000;

// site: options of startSite (csp, scriptTag); stripe: of the sandbox; extra: TOML lines of the site; origins: further ones;
// quiet: without destinations and rate limit; vendors: with every destination; more: TOML of further sites.
export async function startStage({ site: siteOptions = {}, stripe = {}, extra = "", origins = [], quiet = false, vendors = false, more = "" } = {}) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: run tools/build, or set THROUGHLINE_BINARY`);
  const folder = mkdtempSync(join(tmpdir(), "throughline-e2e-"));
  const server = `http://127.0.0.1:${await freePort()}`;
  const sandbox = await startSandbox({ shop: server, stripe: { retryBaseMs: 100, ...stripe } });
  const csp = siteOptions.csp?.replaceAll("SERVER", server);
  const site = await startSite({ ...siteOptions, csp, endpoint: server, sandbox: sandbox.url });
  const config = writeDemoConfig({ folder, server, site: site.url, sandbox: sandbox.url, extra, origins, quiet, vendors, more });
  const log = join(folder, "server.log");
  let child = null;

  async function startServer() {
    const out = openSync(log, "a");
    child = spawn(BINARY, ["serve", "--config", config], { stdio: ["ignore", out, out] });
    closeSync(out);
    const end = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const reply = await fetch(`${server}/readyz`).catch(() => null);
      if (reply?.ok) return;
      if (child.exitCode !== null || Date.now() > end) throw new Error(`the server did not start:\n${readFileSync(log, "utf8").slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function stopServer(signal = "SIGTERM") {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  // Beside the running server, as an operator would.
  const command = (...args) => execFileSync(BINARY, [...args, "--config", config], { encoding: "utf8" }).trim();
  const addKey = (site = "demo") => command("key", "add", "--site", site, "--scopes", "read,write,admin");

  const addUser = (email, role, password) => execFileSync(BINARY, ["user", "add", email, "--role", role, "--config", config], { input: `${password}\n`, stdio: ["pipe", "ignore", "ignore"] });

  async function stop() {
    await stopServer();
    await site.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }

  // What was started must not keep a failed test alive.
  await startServer().catch(async (error) => { await stop(); throw error; });
  const key = addKey();
  return {
    server, site: site.url, sandbox, folder, key, command, addKey, addUser, startServer, stopServer,
    reports: connect(server, key),
    log: () => readFileSync(log, "utf8"),
    stop,
  };
}
