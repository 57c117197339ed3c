// SPDX-License-Identifier: Apache-2.0
// identify(): what a visitor says about themselves, a claim that needs the session's token. Contacts
// travel over TLS as typed, or (hashContact) only as SHA-256 of their normal form.
import { hashesContact } from "./config.js";
import { permitsStorage } from "./consent.js";
import { callCore } from "./core.js";
import { report } from "./guard.js";
import { anonymousId, sessionId } from "./session.js";
import { post } from "./transport.js";
import type { Contact } from "./types.js";

const hash = (contact: string | undefined, isPhone: number): string | undefined => {
  const hex = contact && callCore("c", [contact], isPhone)[0];
  if (contact && !hex) report("not sent, since it could not be hashed:", contact);
  return hex || undefined;
};

export const identify = ({ email, phone, userId, ...traits }: Contact): void => {
  if (!permitsStorage()) return report("identify needs consent");
  post("/api/identify", {
    anonymous_id: anonymousId(),
    session_id: sessionId(),
    user_id: userId,
    ...(hashesContact()
      ? { email_sha256: hash(email, 0), phone_sha256: hash(phone, 1) }
      : { email, phone }),
    traits,
    t: Date.now(),
  });
};
