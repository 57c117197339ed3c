// SPDX-License-Identifier: Apache-2.0
// Contacts as SHA-256 of their normal form (shared/contact.hpp), by a small module of their own: only
// identify() with hashContact needs it.
import { contactBytes } from "./contact-inline.js";

interface ContactCore extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  i(): number;
  c(bytes: number, isPhone: number): number;
}

// Hex, or "" for what cannot be normalised or hashed.
const hash = async (contact: string, isPhone: boolean): Promise<string> => {
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

/** As POST /api/identify takes them. A contact that cannot be hashed is left out and reported. */
export const hashContacts = async (
  report: (reason: number, contact: string) => void,
  email?: string,
  phone?: string,
): Promise<{ email_sha256?: string; phone_sha256?: string }> => {
  const [email_sha256, phone_sha256] = await Promise.all(
    [email, phone].map(async (contact, isPhone) => {
      const hex = contact && (await hash(contact, !!isPhone));
      if (contact && !hex) report(10, contact);
      return hex || undefined;
    }),
  );
  return { email_sha256, phone_sha256 };
};
