// SPDX-License-Identifier: Apache-2.0
// The server over a store of its own on the disk, killed and started again as often as a test wishes.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../demo-site/free_port.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.THROUGHLINE ?? path.join(root, "build/release/throughline");

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// `settings`: what the site "demo" has beside its own keys, as TOML.
export async function createServer(settings) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "throughline-crash-"));
  const database = path.join(home, "store.db");
  const config = path.join(home, "throughline.toml");
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  fs.writeFileSync(config, `
[server]
listen = "127.0.0.1:${port}"
public_url = "${base}"
secret = "${crypto.randomBytes(24).toString("hex")}"
rate_limit_per_ip = 0
allow_private_destinations = true
[store]
url = "sqlite:${database}"
[[site]]
id = "demo"
name = "Crash"
write_key = "wk_demo"
origins = ["*"]
timezone = "Europe/Prague"
currency = "EUR"
default_country = "CZ"
${settings}`);

  let server;
  const ended = (signal) => new Promise((resolve) => { server.once("exit", resolve); server.kill(signal); });
  const command = (...words) => spawnSync(binary, [...words, "--config", config], { encoding: "utf8" });
  return {
    home, base, command,
    pid: () => server.pid,
    kill: () => ended("SIGKILL"),
    stop: () => ended("SIGTERM"),
    remove: () => fs.rmSync(home, { recursive: true }),
    sql: (query) => JSON.parse(execFileSync("sqlite3", ["-json", database, query], { maxBuffer: 1 << 30 }).toString() || "[]"),
    async start() {
      server = spawn(binary, ["serve", "--config", config], { stdio: ["ignore", "ignore", "pipe"] });
      let log = "";
      server.stderr.on("data", (chunk) => { log = (log + chunk).slice(-4000); });
      for (let attempt = 0; attempt < 200; ++attempt) {
        if (server.exitCode !== null) throw new Error(`the server left with ${server.exitCode}:\n${log}`);
        try {
          if ((await fetch(`${base}/readyz`)).ok) return;
        } catch { /* not listening yet */ }
        await pause(25);
      }
      throw new Error(`the server did not become ready:\n${log}`);
    },
    // Ends the server and says what is wrong with the store it leaves.
    async verdict() {
      await this.stop();
      const problems = [];
      const integrity = this.sql("PRAGMA integrity_check")[0].integrity_check;
      if (integrity !== "ok") problems.push(`the database is damaged: ${integrity}`);
      const audit = command("audit");
      if (audit.status !== 0) problems.push(`the audit found differences (exit ${audit.status}):\n${audit.stdout}${audit.stderr}`);
      return problems;
    },
  };
}

export function conclude(problems, server) {
  for (const sentence of problems.slice(0, 20)) console.error(`PROBLEM: ${sentence}`);
  if (problems.length > 0) {
    console.error(`${problems.length} problems; the store is kept in ${server.home}`);
    process.exit(1);
  }
  server.remove();
  console.log("all promises kept");
}
