// SPDX-License-Identifier: Apache-2.0
// What visitors do in the page, for the files beside the script: heard in the capture phase, where no
// handler of the page can stop it, and passively, so that nothing waits for us. Also inside open shadow
// trees and SVG, and for what came into the page later.

/** `types`: separated by blanks. What the handler throws stays here. */
export const hear = (
  target: EventTarget,
  types: string,
  handler: (event: Event) => void,
): void =>
  types.split(" ").forEach((type) =>
    target.addEventListener(
      type,
      (event) => {
        try {
          handler(event);
        } catch {} // a page's own idea of an element
      },
      { capture: true, passive: true },
    ),
  );

/** An attribute, also of a form whose field has the name of a method. */
export const attributeOf = (node: unknown, name: string): string | null =>
  node instanceof Element ? Element.prototype.getAttribute.call(node, name) : null;

/** Whether the page's owner took the element, or one around it, out of all captures. */
export const isIgnored = (event: Event): boolean =>
  event.composedPath().some((node) => attributeOf(node, "data-tl-ignore") != null);

const kMiddleButton = 1;

/** Links that are followed: by mouse, also with the middle button, by touch or by key. */
export const onLinkClick = (handler: (link: Element, url: URL, event: Event) => void): void =>
  hear(document, "click auxclick", (event) => {
    if (event.type == "auxclick" && (event as MouseEvent).button != kMiddleButton) return;
    for (const node of event.composedPath()) {
      if (!(node instanceof Element) || !/^(a|area)$/.test(node.localName)) continue;
      const { href } = node as HTMLAnchorElement | SVGAElement;
      const address = typeof href == "string" ? href : href.baseVal;
      if (!address) continue;
      const url = new URL(address, document.baseURI);
      return /^https?:$/.test(url.protocol) && handler(node, url, event);
    }
  });

/**
 * Gives a link another address for the click that is under way; the link itself stays as it was, for
 * whoever copies it.
 */
export const lendAddress = (link: Element, address: string): void => {
  const own = link.getAttribute("href");
  link.setAttribute("href", address);
  setTimeout(() => {
    if (link.getAttribute("href") != address) return;
    if (own == null) link.removeAttribute("href");
    else link.setAttribute("href", own);
  });
};

/**
 * Forms that are submitted. The event stays inside a shadow tree, so those are listened to once the
 * visitor has come into them.
 */
export const onSubmit = (handler: (form: HTMLFormElement, event: SubmitEvent) => void): void => {
  const heard = new WeakSet<EventTarget>();
  const hearIn = (root: EventTarget): void => {
    if (heard.has(root)) return;
    heard.add(root);
    hear(root, "submit", (event) => handler(event.target as HTMLFormElement, event as SubmitEvent));
  };
  hearIn(document);
  hear(document, "focusin keydown click", (event) =>
    event.composedPath().forEach((node) => node instanceof ShadowRoot && hearIn(node)),
  );
};
