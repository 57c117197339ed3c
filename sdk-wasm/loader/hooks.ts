// SPDX-License-Identifier: Apache-2.0
// on(): what the page may listen to. "ready" answers late listeners at once.
import { guard } from "./guard.js";

const listeners: [name: string, listener: (value: never) => void][] = [];
let readyWith: unknown;

export const tell = (name: string, value: unknown): void => {
  if (name == "ready") readyWith = value;
  for (const [wanted, listener] of listeners) if (wanted == name) guard(listener)(value as never);
};

export const on = (name: string, listener: (value: never) => void): void => {
  listeners.push([name, listener]);
  if (name == "ready" && readyWith) guard(listener)(readyWith as never);
};
