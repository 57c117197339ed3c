// SPDX-License-Identifier: Apache-2.0
// Contacts as SHA-256 of their normal form (shared/contact.hpp), by a small module of their own: only
// identify() with hashContact needs it.
import { contactBytes } from "./contact-inline.js";

interface ContactCore extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  i(): number;
  c(bytes: number, isPhone: number): number;
}

/** Hex, or "" for what cannot be normalised or hashed. */
export const hashContact = async (contact: string, isPhone: boolean): Promise<string> => {
  try {
    const { instance } = await WebAssembly.instantiate(contactBytes() as BufferSource);
    const core = instance.exports as ContactCore;
    const input = new TextEncoder().encode(contact).slice(0, 1024);
    const memory = new Uint8Array(core.memory.buffer, core.i());
    memory.set(input);
    const size = core.c(input.length, +isPhone);
    return new TextDecoder().decode(memory.slice(0, size));
  } catch {
    return "";
  }
};
