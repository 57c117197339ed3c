// SPDX-License-Identifier: Apache-2.0
// Who may see this site, one's own password, and who did what.

import { get, send } from "../api.ts";
import { card, fillIn, flushCard, saved, title, type Context } from "../context.ts";
import { h, replace } from "../dom.ts";
import { field, form } from "../form.ts";
import { time, word } from "../format.ts";
import { pagedList, type Page } from "../list.ts";
import { table, type Column } from "../table.ts";

interface Person {
  id: number;
  email: string;
  role: string;
  created_at: string;
}
interface Act {
  id: number;
  t: string;
  actor: string;
  action: string;
  detail: string;
  address: string;
}
const ROLES = [["viewer", "Viewer: reads"], ["analyst", "Analyst: also costs, the default model, retries"], ["owner", "Owner: also people"]];

function people(root: HTMLElement, context: Context): void {
  const site = context.site.id;
  const load = (): void => void fillIn(root, context, async () => {
    const list = await get<{ items: Person[] }>("/api/users", { site }, context.signal);
    const setRole = async (row: Person, role: string): Promise<void> => {
      await send("POST", `/api/users?site=${encodeURIComponent(site)}`, { email: row.email, role }).catch((error: unknown) => alert(error instanceof Error ? error.message : "Not changed"));
      load();
    };
    const remove = async (row: Person): Promise<void> => {
      if (!confirm(`Take ${row.email}'s access to ${context.site.name}?`)) return;
      await send("DELETE", `/api/users/${row.id}?site=${encodeURIComponent(site)}`).catch((error: unknown) => alert(error instanceof Error ? error.message : "Not removed"));
      load();
    };
    const columns: Column<Person>[] = [
      { title: "Person", show: (row) => row.email, value: (row) => row.email },
      { title: "Role", show: (row) => h("select", { "aria-label": `Role of ${row.email}`, onchange: (event) => void setRole(row, (event.target as HTMLSelectElement).value) }, ...ROLES.map(([name]) => h("option", { value: name ?? "", selected: name === row.role }, word(name)))), value: (row) => row.role },
      { title: "Since", show: (row) => time(row.created_at, context.site.timezone), value: (row) => row.created_at },
      { title: "", show: (row) => (row.email === context.me.user.email ? "You" : h("button", { type: "button", class: "tiny", "aria-label": `Remove ${row.email}`, onclick: () => void remove(row) }, "Remove")) },
    ];
    const role = h("div", { class: "field" }, h("label", { for: "role" }, "Role"), h("select", { id: "role", name: "role" }, ...ROLES.map(([name, text]) => h("option", { value: name ?? "" }, text))));
    const options = { caption: "People of this site", columns, rows: list.items, stacks: true, file: "throughline-people" };
    return [
      flushCard("People", saved("", options), table(options)),
      card("Give somebody access", "a new account needs a first password; an existing one keeps its own", form([field("email", "E-mail", "email", { required: true, autocomplete: "off" }), field("first", "First password", "password", { autocomplete: "new-password", minlength: "10" }), role], "Give access", async (data) => {
        await send("POST", `/api/users?site=${encodeURIComponent(site)}`, { email: data.get("email"), role: data.get("role"), password: data.get("first") });
        load();
        return "Access given";
      })),
    ];
  });
  load();
}

export function team(root: HTMLElement, context: Context): void {
  const mine = card("Your password", "ends your other logins", form([field("current", "Current", "password", { required: true, autocomplete: "current-password" }), field("wanted", "New, 10 characters or more", "password", { required: true, autocomplete: "new-password", minlength: "10" })], "Change", async (data) => {
    await send("POST", "/api/me/password", { current: data.get("current"), password: data.get("wanted") });
    return "Password changed";
  }));
  if (!context.may("owner")) {
    replace(root, title("Team", `You are ${context.site.role} of ${context.site.name}; owners see the people here.`), mine);
    return;
  }
  const list = h("div", { class: "stack" }), acts = h("div");
  replace(root, title("Team", "Who may see this site, and what they did."), list, mine, acts);
  people(list, context);
  void fillIn(acts, context, async () => {
    const save = h("span");
    const read = (cursor: string | null, limit = 100): Promise<Page<Act>> => get("/api/audit-log", { site: context.site.id, limit, cursor }, context.signal);
    const columns: Column<Act>[] = [
      { title: "When", show: (row) => time(row.t, context.site.timezone, true), value: (row) => row.t },
      { title: "Who", show: (row) => row.actor, value: (row) => row.actor },
      { title: "What", show: (row) => word(row.action), value: (row) => row.action },
      { title: "Detail", show: (row) => h("code", {}, row.detail), value: (row) => row.detail },
      { title: "From", show: (row) => row.address, value: (row) => row.address },
    ];
    const { root } = await pagedList(read, (row) => row.id, (rows, _hasMore, every) => {
      const options = { caption: "Audit log", columns, rows, stacks: true, file: "throughline-audit-log" };
      replace(save, saved("newest first", options, every));
      return [table(options)];
    });
    return flushCard("What was done", save, root);
  });
}
