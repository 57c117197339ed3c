// SPDX-License-Identifier: Apache-2.0
// Who is one person, by which ties, and how to undo one that joins two.

import { send } from "../api.ts";
import { chip, flushCard, saved, type Context } from "../context.ts";
import { announce, h, type Child } from "../dom.ts";
import { NONE, time, word } from "../format.ts";
import { fileOnly, table, type Column } from "../table.ts";

interface Tie {
  anonymous_id: string;
  kind: string;
  contact: string;
  state: string;
  signed: boolean;
  by: string | null;
  since: string | null;
}
export interface Person {
  browsers: string[][];
  ties: Tie[];
  more_ties: boolean;
  too_large: boolean;
  ambiguous: boolean;
}

const short = (id: string): Child => h("code", { title: id }, `… ${id.slice(-8)}`); // a time-ordered id differs at its end

// What the ties alone do not say.
function notes(person: Person): string[] {
  return [
    person.too_large && "So many browsers are tied together that they cannot be one person: each conversion has only the visits of its own.",
    person.ambiguous && "Contacts of several people were said here: it is joined to none of them.",
    person.more_ties && "A contact is shared by more browsers than one person has. It joins nobody, and its other ties are not listed.",
  ].filter((text) => text !== false);
}

// Nothing for one browser that nothing ties to another.
export function personCard(context: Context, person: Person | undefined, again: () => void): HTMLElement | null {
  if (!person) return null;
  const said = notes(person), ids = person.browsers.flat().length;
  if (person.ties.length === 0 && said.length === 0 && ids < 2) return null;
  const change = async (tie: Tie, verb: "cut" | "join", question: string): Promise<void> => {
    const { anonymous_id, kind, contact } = tie;
    if (!confirm(question)) return;
    try {
      await send("POST", `/api/people/${verb}?site=${encodeURIComponent(context.site.id)}`, { anonymous_id, kind, contact });
      announce(verb === "cut" ? "Cut" : "Joined again");
      again();
    } catch (error) {
      alert(error instanceof Error ? error.message : "Not changed");
    }
  };
  const act = (row: Tie): Child => {
    const name = `${word(row.kind).toLowerCase()} ${row.contact.slice(-8)} and browser ${row.anonymous_id.slice(-8)}`;
    const button = (text: string, verb: "cut" | "join", question: string): Child => h("button", { type: "button", class: "tiny", "aria-label": `${text} ${name}`, onclick: () => void change(row, verb, question) }, text);
    if (row.state === "joined") return button("Cut", "cut", `Cut the tie of ${name}? The browser leaves this person's path, whatever is said later, and every credit follows at once. It can be joined again.`);
    return row.state === "cut" ? button("Join again", "join", `Join ${name} again? Every credit follows at once.`) : null;
  };
  const columns: Column<Tie>[] = [
    { title: "Contact", show: (row) => h("span", {}, word(row.kind), h("span", { class: "sub" }, short(row.contact))), value: (row) => row.kind },
    fileOnly("Hash", (row) => row.contact),
    { title: "Browser", show: (row) => short(row.anonymous_id), value: (row) => row.anonymous_id },
    { title: "State", show: (row) => chip(row.state), value: (row) => row.state },
    { title: "Said by", show: (row) => (row.by ? h("span", {}, word(row.by), row.signed ? h("span", { class: "sub" }, "signed") : null) : NONE), value: (row) => row.by },
    fileOnly("Signed", (row) => (row.signed ? "yes" : "no")),
    { title: "Since", show: (row) => time(row.since, context.site.timezone), value: (row) => row.since },
    ...(context.may("analyst") ? [{ title: "", show: act }] : []),
  ];
  const browsers = person.browsers.length;
  const known = `${browsers} ${browsers === 1 ? "browser" : "browsers"}${ids > browsers ? `, known under ${ids} ids` : ""}`;
  const { ties } = person;
  const options = { caption: "What ties this person together", columns, rows: ties, stacks: true, file: "throughline-person-ties" };
  return flushCard("Person", saved(`${known}; contacts are shown as hashes`, options), ...said.map((text) => h("p", { class: "note calm" }, text)),
    ties.length > 0 ? table(options) : h("p", { class: "small quiet" }, "No contact ties them to anything."));
}
