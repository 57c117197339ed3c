// SPDX-License-Identifier: Apache-2.0
// Entry of throughline.compat.js, for sites that move over (docs/moving.md): the global objects of the SDKs
// they had, which hand every call on to ours, before and after it has loaded.
import type { Throughline } from "./types.js";

type Call = [method: string, ...args: unknown[]];
interface Global {
  q?: { push(call: Call): unknown; forEach?(run: (call: Call) => void): void };
  [method: string]: unknown;
}

const { names, global, debug } = (document.currentScript as HTMLScriptElement | null)?.dataset ?? {};
const globals = window as unknown as Record<string, Global | undefined>;
const calls: Record<keyof Throughline, 1> = {
  init: 1,
  getSessionId: 1,
  getAnonymousId: 1,
  getAttribution: 1,
  page: 1,
  track: 1,
  trackEvent: 1,
  identify: 1,
  checkoutStarted: 1,
  decorateCheckout: 1,
  campaign: 1,
  consent: 1,
  video: 1,
  on: 1,
  reset: 1,
  flush: 1,
  debug: 1,
};

const handOn = (method: string, args: unknown[]): unknown => {
  const sdk = (globals[global || "Throughline"] ||= { q: [] as Call[] } as Global);
  if (sdk.init) return (sdk[method] as (...args: unknown[]) => unknown)(...args);
  sdk.q?.push([method, ...args]);
  return null;
};

const moved: Global = {
  endSession() {
    if (debug != null && debug != "false")
      console.warn("Throughline: endSession() does nothing: the server ends sessions (docs/moving.md)");
    return null;
  },
};
for (const method in calls) moved[method] = (...args: unknown[]) => handOn(method, args);

for (const name of (names || "HaloTrack aureaSDK").split(" ")) {
  const stub = globals[name];
  const run = ([method, ...args]: Call): void => {
    const call = moved[method];
    if (typeof call == "function") call(...args);
  };
  globals[name] = { ...moved, q: { push: run } };
  stub?.q?.forEach?.(run);
}
