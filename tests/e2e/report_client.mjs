// SPDX-License-Identifier: Apache-2.0
// Reading what the server stored, through its public reading API and a secret key; and waiting for it,
// because webhooks and deliveries arrive when they arrive.

export async function until(check, what, timeoutMs = 15_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

export function connect(server, key) {
  async function get(path) {
    const reply = await fetch(server + path, { headers: { authorization: `Bearer ${key}` } });
    if (!reply.ok) throw new Error(`GET ${path} answered ${reply.status}: ${(await reply.text()).slice(0, 300)}`);
    return reply.json();
  }

  async function list(path) {
    const items = [];
    let cursor = null;
    do {
      const page = await get(`${path}?site=demo&limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return items;
  }

  return {
    get,
    session: (id) => get(`/api/sessions/${id}?site=demo`),
    sessions: () => list("/api/sessions"),
    conversions: () => list("/api/conversions"),
    leads: () => list("/api/leads"),
    conversion: (id) => get(`/api/conversions/${id}?site=demo`),
    deliveries: () => list("/api/deliveries"),
    visitor: (id) => get(`/api/visitors/${id}?site=demo`),
    rejects: () => list("/api/rejects"),
  };
}
