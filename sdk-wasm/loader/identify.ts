// SPDX-License-Identifier: Apache-2.0
// identify(): what a visitor says about themselves, a claim that needs the session's token. Contacts
// travel over TLS as typed, or (hashContact) only as SHA-256 of their normal form.
import { hashesContact } from "./config.js";
import { permitsStorage } from "./consent.js";
import { serialise } from "./event.js";
import { extra } from "./extra.js";
import { report } from "./guard.js";
import { anonymousId, hold, mustWait, sessionId } from "./session.js";
import { post } from "./transport.js";
import type { Contact } from "./types.js";

export const identify = (given: Contact): void => {
  const contact = JSON.parse(serialise(given)) as Contact; // as it is now; what is no JSON stops nothing behind it
  if (mustWait()) return hold(() => identify(contact), "identify");
  if (!permitsStorage()) return report(9);
  const { email, phone, userId, ...traits } = contact;
  if (!(email || phone || userId)) return report(15);
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
