// SPDX-License-Identifier: Apache-2.0
// decorateCheckout(): the ids on a page's checkout links, and on forms by address or (where the method
// drops the query) by hidden fields.

// Attributes only: a form's properties give way to its fields of the same name.
export const decorateOne = (element: Element, decorated: (url: string) => string): void => {
  const key = element.matches("form") ? "action" : "href";
  const from = new URL(element.getAttribute(key)!, document.baseURI).href;
  const url = decorated(from);
  if (url == from) return;
  if (key == "action" && !/^post$/i.test(element.getAttribute("method")!))
    for (const [name, value] of new URL(url).searchParams) {
      const fields = [...element.querySelectorAll<HTMLInputElement>("input[type=hidden]")];
      const known = fields.find((one) => one.name == name);
      const field = known || document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      if (!known) element.append(field);
    }
  else element.setAttribute(key, url);
};

export const decorate = (root: ParentNode, decorated: (url: string) => string): void =>
  root.querySelectorAll("a[href],form[action]").forEach((element) => {
    try {
      decorateOne(element, decorated);
    } catch {} // an address that is none
  });
