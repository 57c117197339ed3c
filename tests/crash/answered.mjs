// SPDX-License-Identifier: Apache-2.0
// Kills the server exactly between a destination's 200 and its own mark that says so: the destination
// stops the process while that waits for the answer (SIGSTOP), answers, and when the answer is in the
// process's socket ends it (SIGKILL). Each time another conversion is on its way. In the end none is
// missing, each came again after its kill, always under one id and with one body.
// Usage: node tests/crash/answered.mjs [kills]   (default 10)
import fs from "node:fs";
import http from "node:http";

import { conclude, createServer, pause } from "./killable_server.mjs";

const kills = Number(process.argv[2] ?? 10);
const problems = [];
const expect = (condition, sentence) => { if (!condition) problems.push(sentence); };

const arrived = new Map();  // order id -> [{id, text}]
let onKilled = null;        // set while a kill is wanted
let sale = null;            // the intake's own answer, which is not what is killed here
let server;

// A stop reaches each thread by itself, and the process's own state is its main thread's alone.
const isStopped = (pid) => fs.readdirSync(`/proc/${pid}/task`).every((thread) => {
  try {
    return /^\d+ \(.*\) [TZX]/s.test(fs.readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8"));
  } catch {
    return true; // it has ended
  }
});

const receiver = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const events = JSON.parse(Buffer.concat(chunks).toString("utf8")).data;
    let isFirst = false;
    for (const event of events) {
      const order = event.custom_data.order_id;
      if (!arrived.has(order)) isFirst = true;
      arrived.set(order, [...(arrived.get(order) ?? []), { id: event.event_id, text: JSON.stringify(event) }]);
    }
    const answer = JSON.stringify({ events_received: events.length, messages: [], fbtrace_id: "x" });
    if (!isFirst || !onKilled) return response.end(answer);
    const done = onKilled, pid = server.pid();
    onKilled = null;
    await sale;
    process.kill(pid, "SIGSTOP");
    while (!isStopped(pid)) await pause(1);
    response.end(answer, async () => {
      await server.kill();
      done();
    });
  });
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));

server = await createServer(`
  [site.destination.meta]
  pixel_id = "123"
  access_token = "token"
  base_url = "http://127.0.0.1:${receiver.address().port}"
`);
await server.start();
const key = server.command("key", "add", "--site", "demo", "--scopes", "write").stdout.trim();

async function sell(order) {
  const answer = await fetch(`${server.base}/api/conversions`, {
    method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      site: "demo", kind: "purchase", order_id: order, amount: "25.00", currency: "EUR", occurred_at: new Date().toISOString(),
      email: `${order}@shop.example`, consent: { storage: true, marketing: true },
    }),
  });
  if (answer.status !== 201) throw new Error(`the sale answered ${answer.status}: ${await answer.text()}`);
}

const orders = [];
for (let kill = 0; kill < kills; ++kill) {
  const order = `o-${kill}`;
  orders.push(order);
  const killed = new Promise((resolve) => { onKilled = resolve; });
  sale = sell(order);
  await sale;
  await Promise.race([killed, pause(20_000).then(() => { throw new Error(`${order} was not delivered`); })]);
  const [{ state }] = server.sql(`SELECT state FROM delivery JOIN conversion ON conversion.id = delivery.event_id WHERE order_id = '${order}'`);
  expect(state === 1, `${order} was killed too late: its delivery has state ${state}`);
  // As if the server had been away until the last leases ran out: 25 seconds, which no setting shortens.
  if (kill === kills - 1) server.sql("UPDATE delivery SET lease_until_ms = 1 WHERE state = 1");
  await server.start();
}

const due = () => server.sql("SELECT count(*) AS n FROM delivery WHERE state IN (0, 1, 3)")[0].n;
for (let second = 0; due() > 0 && second < 90; ++second) await pause(1000);

const stored = new Map(server.sql("SELECT order_id, lower(hex(event_id)) AS id, delivery.state AS state FROM delivery JOIN conversion ON conversion.id = delivery.event_id").map((row) => [row.order_id, row]));
expect(stored.size === kills && arrived.size === kills, `${stored.size} conversions kept and ${arrived.size} arrived of ${kills}`);
for (const order of orders) {
  const told = arrived.get(order) ?? [];
  expect(stored.get(order)?.state === 2, `${order} is in state ${stored.get(order)?.state}`);
  expect(told.length >= 2, `${order} came ${told.length} times`);
  for (const { id, text } of told) {
    expect(id.replaceAll("-", "") === stored.get(order)?.id, `${order} came as ${id}`);
    expect(text === told[0].text, `${order} came with two bodies:\n  ${told[0].text}\n  ${text}`);
  }
}
problems.push(...await server.verdict());
receiver.closeAllConnections();
receiver.close();
const times = [...arrived.values()].map((told) => told.length);
console.log(`${kills} kills between answer and mark; ${times.reduce((sum, n) => sum + n, 0)} arrivals of ${arrived.size} conversions`);
conclude(problems, server);
