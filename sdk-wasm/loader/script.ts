// SPDX-License-Identifier: Apache-2.0
// Entry of throughline.js: reads its own script tag, installs the global and plays the calls that the
// page made before it had loaded:  window.Throughline=window.Throughline||{q:[]}
import { api, startWith } from "./api.js";
import { script } from "./extra-script.js";
import { guard } from "./guard.js";
import type { Options } from "./types.js";

type Call = [method: string, ...args: unknown[]];

guard(() => {
  const options = { ...script?.dataset } as unknown as Options;
  const globals = window as unknown as Record<string, { q?: Call[]; init?: unknown } | undefined>;
  const name = options.global || "Throughline";
  const stub = globals[name];
  // The tag stands twice in the page: under another name it is the same SDK.
  const first = "tl:" + options.site;
  if (stub?.init) return;
  const run = guard(([method, ...args]: Call) =>
    (api as unknown as Record<string, (...args: unknown[]) => void>)[method]!(...args),
  );
  const isSecond = globals[first];
  globals[name] = globals[first] ||= { ...api, q: { push: run } as unknown as Call[] };
  if (script && !isSecond) guard(startWith)(options, new URL(script.src).origin);
  stub?.q?.forEach((call) => globals[name]!.q!.push(call));
})();
