// SPDX-License-Identifier: Apache-2.0
// identify(): what a visitor says about themselves, a claim that needs the session's token. Contacts
// travel over TLS as typed, or (hashContact) only as SHA-256 of their normal form.
import { hashesContact } from "./config.js";
import { permitsStorage } from "./consent.js";
import { extra } from "./extra.js";
import { report } from "./guard.js";
import { anonymousId, hold, mustWait, sessionId } from "./session.js";
import { post } from "./transport.js";
import type { Contact } from "./types.js";

export const identify = ({ ...contact }: Contact): void => {
  if (mustWait()) return hold(() => identify(contact), "identify");
  if (!permitsStorage()) return report(9);
  const { email, phone, userId, ...traits } = contact;
  const claim = {
    anonymous_id: anonymousId(),
    session_id: sessionId(),
    user_id: userId,
    traits,
    t: Date.now(),
  };
  if (!hashesContact()) post("/api/identify", { ...claim, email, phone });
  else
    void extra("x", "hashContacts", report, email, phone).then((hashes) => {
      if (anonymousId() == claim.anonymous_id) post("/api/identify", { ...claim, ...hashes });
    });
};
