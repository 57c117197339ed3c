// SPDX-License-Identifier: Apache-2.0
// data-capture="form signup": that a form was sent, never what stands in it. A form with data-tl-signup and
// an e-mail address in it is a sign-up, once a page, and no form_submit besides.
import type { Record } from "./milestones.js";
import { attributeOf, isIgnored, onSubmit } from "./page-events.js";
import { reducedPlace } from "./reduce.js";

const kEmailFields = "input[type=email],input[autocomplete~=email],input[name*=email i]";

/** Where it goes: host and path, or nothing where it stays on the page. */
const actionOf = (form: Element, submitter: Element | null): string | undefined => {
  const action = attributeOf(submitter, "formaction") ?? attributeOf(form, "action");
  const url = action ? new URL(action, document.baseURI) : undefined;
  return url && /^https?:$/.test(url.protocol) ? reducedPlace(url) : undefined;
};

const hasAddress = (form: HTMLFormElement): boolean =>
  [...Element.prototype.querySelectorAll.call(form, kEmailFields)].some((field) =>
    (field as HTMLInputElement).value.includes("@"),
  );

export const watchForms = (record: Record, wanted: { form: boolean; signup: boolean }): void => {
  const signedUp = new WeakSet<Element>();

  onSubmit((form, event) => {
    const { submitter } = event;
    const method = attributeOf(submitter, "formmethod") ?? attributeOf(form, "method");
    // A dialog only closes; what the fields themselves call invalid, a script of the page turns back.
    if (/^dialog$/i.test(method ?? "") || Element.prototype.matches.call(form, ":invalid")) return;
    if (isIgnored(event)) return;
    const list = attributeOf(form, "data-tl-signup");
    const isSignup = wanted.signup && list != null && hasAddress(form);
    if (isSignup ? signedUp.has(form) : !wanted.form) return;
    if (isSignup) signedUp.add(form);
    record(isSignup ? "email_signup" : "form_submit", {
      list: (isSignup && list!.slice(0, 128)) || undefined,
      form_id: attributeOf(form, "id")?.slice(0, 128) || undefined,
      form_name: attributeOf(form, "name")?.slice(0, 128) || undefined,
      form_action: actionOf(form, submitter),
    });
  });
};
