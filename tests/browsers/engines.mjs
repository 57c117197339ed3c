// SPDX-License-Identifier: Apache-2.0
// Firefox ESR and WebKitGTK as the tests drive them: each opens addresses and runs functions in the page.
// Firefox is spoken to by Marionette (JSON over a socket, the protocol below geckodriver, which Debian does
// not have), WebKitGTK by W3C WebDriver over HTTP. Neither needs a package from npm.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../demo-site/free_port.mjs";
import { until } from "../../sdk-wasm/test/shop.mjs";

const kStartMs = 60_000; // on a busy machine
const kFirefox = process.env.TL_FIREFOX ?? "/usr/bin/firefox-esr";
const kWebKitDriver = "/usr/bin/WebKitWebDriver";

// What a fresh Firefox would ask the network for, and what it would show first.
const kQuiet = {
  "app.update.disabledForTesting": true, "browser.newtabpage.enabled": false, "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false, "browser.shell.checkDefaultBrowser": false, "browser.startup.homepage": "about:blank",
  "browser.startup.homepage_override.mstone": "ignore", "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.getAddons.cache.enabled": false, "network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false,
  "services.settings.server": "", "toolkit.telemetry.server": "", "marionette.port": 0,
};

const source = (call) => `return (${call}).apply(null, arguments)`;

async function startFirefox() {
  const profile = mkdtempSync(join(tmpdir(), "throughline-firefox-"));
  writeFileSync(join(profile, "user.js"), Object.entries(kQuiet).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
  const child = spawn(kFirefox, ["--headless", "--no-remote", "--marionette", "--profile", profile, "about:blank"], { stdio: "ignore", env: { ...process.env, HOME: profile } });
  const close = async () => {
    const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
    child.kill("SIGKILL");
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const told = join(profile, "MarionetteActivePort");
    await until("Firefox listens", () => existsSync(told) && readFileSync(told, "utf8") !== "", kStartMs);
    const socket = connect(Number(readFileSync(told, "utf8")), "127.0.0.1");
    const waiting = new Map();
    let received = Buffer.alloc(0), last = 0;
    // Every message is its length in bytes, a colon and JSON: [1, id, error, result].
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      for (let colon; (colon = received.indexOf(":")) > 0; ) {
        const end = colon + 1 + Number(received.subarray(0, colon));
        if (received.length < end) return;
        const message = JSON.parse(received.subarray(colon + 1, end).toString());
        received = received.subarray(end);
        if (!Array.isArray(message)) continue; // its greeting
        const [, id, error, result] = message;
        waiting.get(id)?.(error ? Promise.reject(new Error(`${error.error}: ${error.message}`)) : result);
      }
    });
    const ask = (command, parameters = {}) => {
      const text = JSON.stringify([0, ++last, `WebDriver:${command}`, parameters]);
      return new Promise((done) => {
        waiting.set(last, done);
        socket.write(`${Buffer.byteLength(text)}:${text}`);
      });
    };
    await once(socket, "connect");
    await ask("NewSession", { capabilities: {} });
    return {
      open: (url) => ask("Navigate", { url }),
      run: async (call, ...args) => (await ask("ExecuteScript", { script: source(call), args })).value,
      close: async () => {
        socket.destroy();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

// MiniBrowser is in the library's own directory, which has the machine's name in it.
const miniBrowser = () => readdirSync("/usr/lib", { withFileTypes: true })
  .map(({ name }) => `/usr/lib/${name}/webkit2gtk-4.1/MiniBrowser`).find((path) => existsSync(path));

async function startWebKit() {
  const home = mkdtempSync(join(tmpdir(), "throughline-webkit-"));
  const port = await freePort();
  // A group of its own, for the display server ends with the driver.
  const child = spawn("xvfb-run", ["-a", kWebKitDriver, `--port=${port}`, "--host=127.0.0.1"], { stdio: "ignore", detached: true, env: { ...process.env, HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home } });
  const ask = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const close = async () => {
    const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
    if (gone) process.kill(-child.pid, "SIGTERM");
    await gone;
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await until("WebKitWebDriver listens", () => ask("GET", "/status").then(() => true, () => false), kStartMs);
    const { sessionId } = await ask("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] } } } });
    const path = `/session/${sessionId}`;
    return {
      open: (url) => ask("POST", `${path}/url`, { url }),
      run: (call, ...args) => ask("POST", `${path}/execute/sync`, { script: source(call), args }),
      close: async () => {
        await ask("DELETE", path).catch(() => {});
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By name: whether it is installed, and how it starts. */
export const engines = {
  "Firefox ESR": { isThere: () => existsSync(kFirefox), start: startFirefox },
  WebKitGTK: { isThere: () => existsSync(kWebKitDriver) && miniBrowser() !== undefined, start: startWebKit },
};
