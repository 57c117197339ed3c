// SPDX-License-Identifier: Apache-2.0
// Hidden form fields named tl_session_id and tl_anonymous_id carry the ids to the site's own server.
// Filled whenever the ids change, and once more as a form is submitted or read by a script, for forms that came later:
// form.submit() and new FormData() tell of themselves by "formdata" alone, when the fields have been read.
import { partsOf } from "./event.js";
import { readState } from "./storage.js";

export const fillFields = (event?: Event): void => {
  const read = (event as FormDataEvent | undefined)?.formData;
  const [anonymousId, sessionId] = partsOf(readState());
  const fill = (name: string, value = ""): void => {
    document.querySelectorAll<HTMLInputElement>(`input[name=${name}]`).forEach((field) => (field.value = value));
    if (read?.has(name)) read.set(name, value);
  };
  fill("tl_anonymous_id", anonymousId);
  fill("tl_session_id", sessionId);
};
