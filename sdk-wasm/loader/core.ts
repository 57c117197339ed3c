// SPDX-License-Identifier: Apache-2.0
// The compiled core: instantiate it, put fields in, take fields out (ABI: src/exports.cpp).
// Compiled synchronously, so that getSessionId() answers in the next statement. Chromium up to 114
// compiles only 4 kB that way: then asynchronously. Blocked altogether (a CSP without
// 'wasm-unsafe-eval', Lockdown Mode): the core comes as JavaScript, in a file of its own. Where that does
// not come either, the page sends evidence only, and the server decides.
import { readDecision, type Decided } from "./decision.js";
import { extra } from "./extra.js";
import { report } from "./guard.js";
import type { Reduce } from "./reduce.js";
import { wasmBytes } from "./wasm-inline.js";

interface Core {
  memory: WebAssembly.Memory;
  i(): number;
  d(bytes: number, ...numbers: number[]): number;
  s(bytes: number): number;
}

const kInputBytes = 65536;
const encoder = new TextEncoder();
let core: Core | undefined;
/** Reduces URLs on a page without a core. */
export let reduce: Reduce | undefined;

export const encode = (text: string): Uint8Array => encoder.encode(text);
export const hasCore = (): boolean => !!core;

/** Takes a core that was compiled elsewhere. */
export const adoptCore = ({ exports }: WebAssembly.Instance): void => {
  core = exports as unknown as Core;
};

/** Calls `settled` when it is known whether there is a core: at once, or later. */
export const loadCore = async (settled: () => unknown): Promise<void> => {
  let bytes!: BufferSource;
  try {
    bytes = wasmBytes();
    core = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Core;
  } catch {
    try {
      core = (await WebAssembly.instantiate(await bytes)).instance.exports as unknown as Core;
    } catch (error) {
      report(11, error);
      (core = await extra("j", "core")) || (reduce = await extra("x", "reducer"));
    }
  }
  settled();
};

const put = (fields: string[]): number => {
  const input = encode(fields.map((field) => field.replace(/\0/g, "")).join("\0"));
  if (!core || input.length > kInputBytes) return 0;
  new Uint8Array(core.memory.buffer).set(input, core.i());
  return input.length;
};

export const decide = (fields: string[], ...numbers: number[]): Decided => {
  const size = put(fields);
  if (size) {
    const left = core!.d(size, ...numbers);
    const out = new Uint8Array(core!.memory.buffer, core!.i() + kInputBytes, left);
    return readDecision(new TextDecoder().decode(out).split("\0"));
  }
  const [u, r] = [fields[3]!, fields[4]!].map((url) => reduce?.(url, fields[2]!, numbers[0]! > 1));
  return { line: "", u, r };
};

export const isSameSite = (hostA: string, hostB: string): boolean =>
  hostA == hostB || core?.s(put([hostA, hostB])) == 1;
