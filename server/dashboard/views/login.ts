// SPDX-License-Identifier: Apache-2.0

import { ApiError, send, type Me } from "../api.ts";
import { h, replace } from "../dom.ts";
import { brand } from "../shell.ts";

export function login(root: HTMLElement, onEnter: (me: Me) => void): void {
  const email = h("input", { id: "email", name: "email", type: "email", autocomplete: "username", required: true, autocapitalize: "none", spellcheck: "false" });
  const password = h("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true });
  const error = h("p", { class: "error", role: "alert" });
  const enter = h("button", { class: "main-button" }, "Log in");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    enter.disabled = true;
    error.textContent = "";
    try {
      onEnter(await send<Me>("POST", "/api/login", { email: email.value, password: password.value }));
    } catch (cause) {
      error.textContent = cause instanceof ApiError ? cause.message : "The server cannot be reached.";
      enter.disabled = false;
      password.value = "";
      password.focus();
    }
  };
  replace(root, h("main", { class: "login" }, h("form", { onsubmit: (event) => void submit(event), "aria-labelledby": "login-title" },
    h("h1", { class: "brand", id: "login-title" }, brand(), "Throughline"), h("p", { class: "quiet" }, "One line from the first ad click to the payment."),
    h("div", { class: "field" }, h("label", { for: "email" }, "E-mail"), email), h("div", { class: "field" }, h("label", { for: "password" }, "Password"), password), error, enter,
    h("p", { class: "quiet small" }, "No account yet? On the server: ", h("code", {}, "throughline user add YOU@…")))));
  email.focus();
}
