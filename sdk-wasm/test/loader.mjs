// SPDX-License-Identifier: Apache-2.0
// The loader's own modules under Node, with the real core and small fakes for what a browser gives:
// localStorage, a page address, fetch, beacon. Every call gives fresh module state.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { paramNames, personalParams } from "../params.mjs";

const here = new URL("..", import.meta.url).pathname;
const folder = process.env.TL_SDK ?? new URL("../../build/sdk", import.meta.url).pathname;
const wasm = readFileSync(`${folder}/throughline.wasm`);
const modules = ["api", "consent", "session", "storage", "transport"];
const contact = readFileSync(`${folder}/contact.wasm`);
const scratch = mkdtempSync(join(tmpdir(), "loader-"));
process.on("exit", () => rmSync(scratch, { recursive: true }));
const common = { bundle: true, write: false, format: "esm", target: "es2022" };
for (const name of ["extras", "more", "debug"]) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [`${here}loader/${name}.ts`],
    define: {
      TL_CONTACT_WASM: JSON.stringify(contact.toString("latin1")),
      TL_PARAMS: JSON.stringify(paramNames(wasm)),
      TL_PERSONAL: JSON.stringify(personalParams()),
    },
  });
  writeFileSync(join(scratch, `${name}.mjs`), outputFiles[0].text);
  await import(join(scratch, `${name}.mjs`)); // read once: no test waits for the disk
}
const { outputFiles } = await build({
  ...common,
  stdin: {
    contents: modules.map((name) => `export * from "./${name}.js";`).join("\n") + 'export { on } from "./hooks.js";',
    resolveDir: here + "loader",
    loader: "ts",
  },
  define: {
    TL_WASM: "globalThis.tlWasm",
    setTimeout: "globalThis.tlTimeout",
  },
  external: ["./extras.mjs", "./platforms.mjs", "./more.mjs", "./debug.mjs", "./javascript-core.mjs"],
  plugins: [{
    name: "extras",
    setup: ({ onResolve }) =>
      onResolve({ filter: /extra-script/ }, () => ({ path: here + "loader/extra-module.ts" })),
  }],
});

const bundle = join(scratch, "loader.mjs");
writeFileSync(bundle, outputFiles[0].text);

class FakeStorage {
  items = new Map();
  isFull = false;
  getItem = (key) => this.items.get(key) ?? null;
  removeItem = (key) => void this.items.delete(key);
  setItem = (key, value) => {
    if (this.isFull) throw new Error("quota");
    this.items.set(key, value);
  };
}

let count = 0;
let timers = [];
globalThis.tlTimeout = (...args) => {
  const timer = setTimeout(...args);
  timers.push(timer);
  return timer;
};

/** `reply(body, path)`: a status with an answer, at once or later, or a throw. */
export const loadLoader = async ({ url = "https://shop.example/", reply, blocked = false, storage } = {}) => {
  const page = { sent: [], requests: [], beacons: [], storage: storage ?? new FakeStorage(), reply: reply ?? (() => [202, {}]) };
  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  timers.forEach(clearTimeout); // an earlier page's retries are not this one's
  timers = [];
  const target = () => Object.assign(new EventTarget(), {});
  define("tlWasm", blocked ? "" : wasm.toString("latin1"));
  define("localStorage", page.storage);
  define("location", new URL(url));
  define("document", Object.assign(target(), {
    title: "T", referrer: "", baseURI: url, cookie: "", visibilityState: "visible", querySelectorAll: () => [] }));
  define("navigator", { sendBeacon: (_, body) => (page.beacons.push(JSON.parse(body)), true) });
  define("history", { pushState() {}, replaceState() {} });
  define("window", target());
  define("fetch", async (address, { body, credentials }) => {
    const { pathname } = new URL(address);
    page.requests.push([address, credentials]);
    const [status, answer] = await page.reply(JSON.parse(body), pathname);
    page.sent.push(JSON.parse(body));
    return new Response(JSON.stringify(answer), { status });
  });
  return { ...(await import(`${bundle}?${count++}`)), page };
};

/** Whatever needs no timer has happened: promises, and the turns that a fake answer's body takes. */
export const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((done) => setImmediate(done));
};
