// SPDX-License-Identifier: Apache-2.0
// The server as README.md starts it: its configuration, its block of shell, in a folder of its own on a free
// port of loopback. What other pages show then runs in the same environment, beside it.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../demo-site/free_port.mjs";
import { blocksOf, root } from "./blocks.mjs";

export const binary = process.env.THROUGHLINE_BINARY ?? join(root, "build/release/throughline");

/** What the pages call the server and the site. */
export const kWrittenServer = "https://t.shop.example";
export const kWrittenSite = "https://shop.example";

export const readmeConfig = blocksOf("toml").find(({ page, code }) => page == "README.md" && code.includes("[server]")).code;
export const startingBlock = blocksOf("sh").find(({ page, code }) => page == "README.md" && /throughline serve$/m.test(code));

// Nothing leaves this machine.
const kNowhere = '  base_url = "https://127.0.0.1:1"';
// What only the owner of an account can fill in.
const kOwn = "0123456789abcdef";

/** {url, key, shell(code, input), post(path, body, headers), stop()} */
export const startAsWritten = async () => {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run tools/build, or set THROUGHLINE_BINARY`);
  const folder = mkdtempSync(join(tmpdir(), "throughline-docs-"));
  for (const place of ["build/release", "bin"]) {
    mkdirSync(join(folder, place), { recursive: true });
    symlinkSync(binary, join(folder, place, "throughline"));
  }
  writeFileSync(join(folder, "throughline.toml"), readmeConfig.replaceAll(/^ +base_url = .*$/gm, "").replaceAll(/^( +\[site\.destination\..*)$/gm, `$1\n${kNowhere}`));
  const url = `http://127.0.0.1:${await freePort()}`;
  const given = {
    PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    THROUGHLINE_SERVER_LISTEN: new URL(url).host,
  };
  const script = startingBlock.code.replaceAll("…", kOwn).replace(/^(\S+) serve$/m, "env -0 > environment\nexec $1 serve");
  const server = spawn("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env: given, stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (told += text));
  const stop = async () => {
    const gone = new Promise((done) => server.once("exit", done));
    if (server.exitCode === null && server.signalCode === null && server.kill()) await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const end = Date.now() + 15_000; !(await fetch(`${url}/readyz`).catch(() => null))?.ok; await new Promise((done) => setTimeout(done, 25)))
      if (server.exitCode !== null || Date.now() > end) throw new Error(`README.md does not start a server:\n${told}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const env = Object.fromEntries(readFileSync(join(folder, "environment"), "utf8").split("\0").filter(Boolean).map((line) => line.split(/=([\s\S]*)/, 2)));
  // What asks for a password gets one; an answer that is no success fails the block.
  const kBefore = `set -euo pipefail
throughline() { printf 'a long enough password\\n' | command throughline "$@"; }
curl() { command curl --silent --show-error --fail-with-body "$@"; }
`;
  const shell = (code) => execFileSync("bash", ["-c", kBefore + code.replaceAll(kWrittenServer, url)], { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const key = shell("throughline key add --site shop --scopes read,write,admin").trim();
  Object.assign(env, { KEY: key, URL: url });
  const post = async (path, body, headers = {}) => {
    const reply = await fetch(url + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
    return { status: reply.status, body: await reply.json() };
  };
  return { url, folder, key, shell, post, stop };
};
