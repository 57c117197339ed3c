// SPDX-License-Identifier: Apache-2.0
// What a person may ask for: everything that is held, or to be forgotten. For owners.

import { send } from "../api.ts";
import { card, title, type Context } from "../context.ts";
import { download, h, replace } from "../dom.ts";
import { field, form } from "../form.ts";
import { word } from "../format.ts";

interface Erasure {
  receipt: number | null;
  counts: Record<string, number>;
  shared: boolean;
}
const NAMES = [["email", "E-mail"], ["phone", "Phone"], ["user_id", "User id"], ["anonymous_id", "Anonymous id"]];

export function privacy(root: HTMLElement, context: Context): void {
  if (!context.may("owner")) return replace(root, title("Privacy", "Only owners of a site export and erase what is held about a person."));
  const { site } = context;
  const ask = <T>(path: string, name: Record<string, unknown>): Promise<T> => send<T>("POST", `${path}?site=${encodeURIComponent(site.id)}`, name);
  const nameOf = (data: FormData, id: string): Record<string, string> => ({ [String(data.get("kind"))]: String(data.get(`${id}-person`)) });
  const who = (id: string): HTMLElement[] => [
    h("div", { class: "field" }, h("label", { for: id }, "Named by"), h("select", { id, name: "kind" }, ...NAMES.map(([name, text]) => h("option", { value: name ?? "" }, text)))),
    field(`${id}-person`, "Person", "text", { required: true, autocomplete: "off" }),
  ];
  const told = h("div");
  const counts = (made: Erasure): string => Object.entries(made.counts).filter(([, count]) => count > 0).map(([name, count]) => `${count} ${word(name).toLowerCase()}`).join(", ") || "nothing";
  const shared = (made: Erasure): string => (made.shared ? " Too many visitors share this contact to be one person: only what carries it itself is meant." : "");
  replace(root, title("Privacy", "Everything that is held about a person, and how it is forgotten."),
    card("Export", "all of it, as JSON", form(who("held"), "Export", async (data) => {
      download("throughline-person.json", JSON.stringify(await ask("/api/exports", nameOf(data, "held")), null, 2), "application/json");
      return "Exported";
    })),
    card("Erase", "cannot be undone; reports and credits stay as they are", form(who("gone"), "Erase", async (data) => {
      const name = nameOf(data, "gone");
      const found = await ask<Erasure>("/api/erasures", { ...name, dry_run: true });
      if (!confirm(`Erase ${counts(found)}?${shared(found)} This cannot be undone.`)) return "Nothing was erased";
      const made = await ask<Erasure>("/api/erasures", name);
      replace(told, h("p", { class: "note calm" }, `Erased: ${counts(made)}. Receipt ${made.receipt}.${shared(made)}`));
      return "Erased";
    }), told));
}
