// SPDX-License-Identifier: Apache-2.0
// decorateCheckout(): the ids on a page's checkout links, and on forms by address or (where the method
// drops the query) by hidden fields. What was asked for before consent is done on the grant; other ids
// take the place of the former, and where there are none any more all is as the page had it.
import type { HandOver } from "./handover.js";

type Undo = () => void;

// Attributes only: a form's properties give way to its fields of the same name.
const setAttribute = (element: Element, key: string, value: string): Undo => {
  const before = element.getAttribute(key)!;
  element.setAttribute(key, value);
  return () => {
    if (element.getAttribute(key) == value) element.setAttribute(key, before);
  };
};

const setField = (form: Element, name: string, value: string): Undo => {
  const fields = [...form.querySelectorAll<HTMLInputElement>("input[type=hidden]")];
  const own = fields.find((one) => one.name == name);
  const before = own?.value ?? "";
  const field = own || document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  if (!own) form.append(field);
  return () => {
    if (field.value != value) return; // the page's by now
    if (own) own.value = before;
    else field.remove();
  };
};

// The last first: what a later one found may be an earlier one's.
const undoAll = (undos: Undo[]): void => undos.reverse().forEach((undo) => undo());

/** Returns what takes the ids away again; nothing where the address is no provider's. */
export const decorateOne = (element: Element, decorated: (url: string) => string): Undo | undefined => {
  const key = element.matches("form") ? "action" : "href";
  const from = new URL(element.getAttribute(key)!, document.baseURI).href;
  const url = decorated(from);
  if (url == from) return;
  if (key == "href" || /^post$/i.test(element.getAttribute("method")!))
    return setAttribute(element, key, url);
  const undos = [...new URL(url).searchParams].map(([name, value]) => setField(element, name, value));
  return () => undoAll(undos);
};

const roots = new Set<ParentNode>(); // those that are in the page
let isFollowing = false;
let undos: Undo[] = [];
let shown = ""; // the ids that the links carry

const restore = (): void => {
  undoAll(undos);
  undos = [];
  shown = "";
};

/** After what may be handed over has changed. */
export let decorateAgain = (): void => {};

/** What it needs of the script is given. */
export const decorate = (
  root: ParentNode,
  readState: () => string,
  handOver: ((state: string, now: number) => HandOver) & { token: string | null },
  on: (event: string, listener: () => void) => void,
): void => {
  const decorateAll = (some: Iterable<ParentNode>): void => {
    const { decorated } = handOver(readState(), Date.now());
    for (const one of some)
      one.querySelectorAll("a[href],form[action]").forEach((element) => {
        try {
          const undo = decorateOne(element, decorated);
          if (undo) undos.push(undo);
        } catch {} // an address that is none
      });
  };
  const follow = (): void => {
    const ids = readState().slice(0, 73) || handOver.token || ""; // anonymous_id.session_id
    if (ids == shown) return;
    restore();
    shown = ids;
    for (const one of roots) if (!one.isConnected) roots.delete(one);
    if (ids) decorateAll(roots);
  };
  if (!isFollowing) for (const event of ["event", "consent", "reset"]) on(event, follow);
  isFollowing = true;
  decorateAgain = follow;
  follow();
  roots.add(root);
  if (shown) decorateAll([root]);
};
