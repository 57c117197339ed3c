// SPDX-License-Identifier: Apache-2.0
// Stripe's idempotency: the first executed result of a key is kept and played back (also a 500);
// the same key with other parameters is an idempotency_error; a key in use answers 409; a request
// refused by validation is not kept. Source: Stripe API reference "Idempotent requests".
import { createHash } from "node:crypto";
import { StripeError } from "./stripe_errors.mjs";

export function createIdempotency() {
  const kept = new Map();  // key → {print, result?}

  return {
    // run() answers {status, value}; a throw means validation, which frees the key.
    async once(apiKey, key, path, body, run) {
      if (key === undefined) return { ...(await run()), isReplay: false };
      if (key.length > 255) throw new StripeError(400, "invalid_request_error", "Idempotency keys can be at most 255 characters long.");
      const print = createHash("sha256").update(`${path}\n`).update(body).digest("hex");
      const slot = `${apiKey}\n${key}`;
      const known = kept.get(slot);
      if (known && known.print !== print) {
        throw new StripeError(400, "idempotency_error", `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`);
      }
      if (known && !known.result) {
        throw new StripeError(409, "idempotency_error", `There is currently another in-progress request using this Idempotent Key: ${key}`, { code: "idempotency_key_in_use" });
      }
      if (known) return { ...known.result, isReplay: true };
      kept.set(slot, { print });
      try {
        const result = await run();
        kept.set(slot, { print, result });
        return { ...result, isReplay: false };
      } catch (error) {
        kept.delete(slot);
        throw error;
      }
    },
  };
}
