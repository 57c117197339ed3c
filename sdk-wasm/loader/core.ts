// SPDX-License-Identifier: Apache-2.0
// The compiled core: instantiate it, put fields in, take fields out (ABI: src/exports.cpp).
// Compiled synchronously, so that getSessionId() answers in the next statement. Chromium up to 114
// compiles only 4 kB that way: then asynchronously. Blocked altogether (a CSP without
// 'wasm-unsafe-eval', Lockdown Mode): the page sends evidence only, and the server decides.
import { report } from "./guard.js";
import { wasmBytes } from "./wasm-inline.js";

interface Core extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  i(): number;
  d(bytes: number, ...numbers: number[]): number;
  h(bytes: number, ...numbers: number[]): number;
  c(bytes: number, ...numbers: number[]): number;
  s(bytes: number, ...numbers: number[]): number;
}

const kInputBytes = 65536;
const decoder = new TextDecoder();
const encoder = new TextEncoder();
let core: Core | undefined;

export const encode = (text: string): Uint8Array => encoder.encode(text);
export const hasCore = (): boolean => !!core;

const adopt = (instance: WebAssembly.Instance): void => {
  core = instance.exports as Core;
};

/** Calls `settled` when it is known whether there is a core: at once, or later. */
export const loadCore = async (settled: () => void): Promise<void> => {
  const bytes = wasmBytes();
  try {
    adopt(new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource)));
  } catch {
    try {
      adopt((await WebAssembly.instantiate((await bytes) as BufferSource)).instance);
    } catch (error) {
      report(error);
    }
  }
  settled();
};

/** The result's fields; one empty field when there is none. */
export const callCore = (
  name: "d" | "h" | "c" | "s",
  fields: string[],
  ...numbers: number[]
): string[] => {
  const input = encode(fields.map((field) => field.replace(/\0/g, "")).join("\0"));
  if (!core || input.length > kInputBytes) return [""];
  const { buffer } = core.memory;
  const at = core.i();
  new Uint8Array(buffer).set(input, at);
  return decoder
    .decode(new Uint8Array(buffer, at + kInputBytes, core[name](input.length, ...numbers)))
    .split("\0");
};
