// SPDX-License-Identifier: Apache-2.0
// Hidden form fields named tl_session_id and tl_anonymous_id carry the ids to the site's own server.
// Filled whenever the ids change, and once more as a form is submitted, for forms that came later.
import { partsOf } from "./event.js";
import { readState } from "./storage.js";

export const fillFields = (): void => {
  const [anonymousId, sessionId] = partsOf(readState());
  const fill = (name: string, value = ""): void =>
    document
      .querySelectorAll<HTMLInputElement>(`input[name=tl_${name}_id]`)
      .forEach((field) => (field.value = value));
  fill("anonymous", anonymousId);
  fill("session", sessionId);
};
