// SPDX-License-Identifier: Apache-2.0
// identify(): what a visitor says about themselves, a claim that needs the session's token. Contacts
// travel over TLS as typed, or (hashContact) only as SHA-256 of their normal form.
import { hashesContact } from "./config.js";
import { callCore } from "./core.js";
import { report } from "./guard.js";
import { anonymousId, sessionId } from "./session.js";
import { post } from "./transport.js";
import type { Contact } from "./types.js";

export const identify = ({ email, phone, userId, ...traits }: Contact): void => {
  const session_id = sessionId();
  if (!session_id) return report("identify needs consent");
  const contact: Record<string, string | undefined> = { email, phone };
  if (hashesContact()) {
    contact.email_sha256 = email && callCore("c", [email], 0)[0];
    contact.phone_sha256 = phone && callCore("c", [phone], 1)[0];
    delete contact.email;
    delete contact.phone;
  }
  post("/api/identify", {
    anonymous_id: anonymousId(),
    session_id,
    user_id: userId,
    ...contact,
    traits,
    t: Date.now(),
  });
};
