// SPDX-License-Identifier: Apache-2.0
// A headless Chromium that is asked for nothing but what a benchmark needs. Test frameworks have the network's
// events told, for each of which the page's own thread then writes down who asked: milliseconds that no visitor pays.
// The protocol goes over a pipe: https://chromedevtools.github.io/devtools-protocol/ (--remote-debugging-pipe).
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

const kWaitMs = 20000;

/** `send(method, params, sessionId)` resolves to the command's result; `close()` ends the browser. */
export async function openBrowser() {
  const profile = await mkdtemp(path.join(os.tmpdir(), "tl-bench-"));
  const chromium = spawn(
    process.env.TL_CHROMIUM ?? "/usr/bin/chromium-headless-shell",
    ["--no-sandbox", "--no-first-run", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const ended = new Promise((done) => chromium.once("exit", done));
  const [, , , toBrowser, fromBrowser] = chromium.stdio;
  const asked = new Map();
  let text = "";
  let last = 0;
  fromBrowser.setEncoding("utf8").on("data", (more) => {
    const messages = (text + more).split("\0");
    text = messages.pop();
    for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
      const { done, fail } = asked.get(id) ?? {};
      asked.delete(id);
      if (error) fail?.(new Error(error.message));
      else done?.(result);
    }
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((done, fail) => {
      asked.set(++last, { done, fail });
      setTimeout(() => fail(new Error(`${method}: no answer`)), kWaitMs).unref();
      toBrowser.write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
    });
  const close = async () => {
    await send("Browser.close").catch(() => chromium.kill());
    await ended;
    await rm(profile, { recursive: true, force: true });
  };
  return { send, close };
}
