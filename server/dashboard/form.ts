// SPDX-License-Identifier: Apache-2.0
// A form of one row: fields, a button, and what went wrong below. What `submit` gives back is told to
// screen readers.

import { ApiError } from "./api.ts";
import { announce, h } from "./dom.ts";

export function form(fields: HTMLElement[], button: string, submit: (data: FormData) => Promise<string>): HTMLFormElement {
  const told = h("p", { class: "error", role: "alert" });
  const made: HTMLFormElement = h("form", { class: "stack", onsubmit: (event) => {
    event.preventDefault();
    told.textContent = "";
    submit(new FormData(made)).then((text) => {
      announce(text);
      made.reset();
    }, (error: unknown) => (told.textContent = error instanceof ApiError ? error.message : "The server cannot be reached."));
  } }, h("div", { class: "row" }, ...fields, h("button", { class: "main-button" }, button)), told);
  return made;
}

export const field = (id: string, label: string, type: string, more: Record<string, string | boolean> = {}): HTMLElement => h("div", { class: "field" }, h("label", { for: id }, label), h("input", { id, name: id, type, ...more }));
