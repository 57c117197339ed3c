// SPDX-License-Identifier: Apache-2.0
// Kills the server exactly between the 200s of ten destinations and its own marks that say so: the
// destinations stop the process while its ten lanes wait for their answers (SIGSTOP), answer, and when
// the answers are in the process's sockets end it (SIGKILL). Each time another conversion is on its way
// to all of them, so ten kills are a hundred deliveries that were answered and not marked. In the end
// none is missing, each came again after its kill, always under one id and with one body.
// Usage: node tests/crash/answered.mjs [kills]   (default 10)
import fs from "node:fs";
import http from "node:http";

import { conclude, createServer, pause } from "./killable_server.mjs";

const kills = Number(process.argv[2] ?? 10);
const LANES = Array.from({ length: 10 }, (_, number) => String(1000 + number)); // pixels
const problems = [];
const expect = (condition, sentence) => { if (!condition) problems.push(sentence); };

const arrived = new Map();  // "order pixel" -> [{id, text}]
let onKilled = null;        // set while a kill is wanted
let waiting = [];           // the answers of this kill
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
    const pixel = request.url.match(/\/(\d+)\/events/)[1];
    const events = JSON.parse(Buffer.concat(chunks).toString("utf8")).data;
    let isFirst = false;
    for (const event of events) {
      const told = `${event.custom_data.order_id} ${pixel}`;
      if (!arrived.has(told)) isFirst = true;
      arrived.set(told, [...(arrived.get(told) ?? []), { id: event.event_id, text: JSON.stringify(event) }]);
    }
    const answer = (written) => response.end(JSON.stringify({ events_received: events.length, messages: [], fbtrace_id: "x" }), written);
    if (!isFirst || !onKilled) return answer();
    waiting.push(answer);
    if (waiting.length < LANES.length) return;
    const done = onKilled, answers = waiting, pid = server.pid();
    onKilled = null;
    waiting = [];
    await sale;
    process.kill(pid, "SIGSTOP");
    while (!isStopped(pid)) await pause(1);
    await Promise.all(answers.map((each) => new Promise((written) => each(written))));
    await server.kill();
    done();
  });
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));

server = await createServer(LANES.map((pixel) => `
  [[site.destination.meta]]
  pixel_id = "${pixel}"
  access_token = "token"
  base_url = "http://127.0.0.1:${receiver.address().port}"
`).join(""));
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

for (let kill = 0; kill < kills; ++kill) {
  const order = `o-${kill}`;
  const killed = new Promise((resolve) => { onKilled = resolve; });
  sale = sell(order);
  await sale;
  await Promise.race([killed, pause(20_000).then(() => { throw new Error(`${order} was not delivered`); })]);
  const states = server.sql(`SELECT state FROM delivery JOIN conversion ON conversion.id = delivery.event_id WHERE order_id = '${order}'`).map(({ state }) => state);
  expect(states.length === LANES.length && states.every((state) => state === 1), `${order} was killed too late: its deliveries have the states ${states}`);
  // As if the server had been away until the last leases ran out: 25 seconds, which no setting shortens.
  if (kill === kills - 1) server.sql("UPDATE delivery SET lease_until_ms = 1 WHERE state = 1");
  await server.start();
}

const due = () => server.sql("SELECT count(*) AS n FROM delivery WHERE state IN (0, 1, 3)")[0].n;
for (let second = 0; due() > 0 && second < 90; ++second) await pause(1000);

const stored = server.sql("SELECT order_id, destination, lower(hex(event_id)) AS id, delivery.state AS state FROM delivery JOIN conversion ON conversion.id = delivery.event_id");
expect(stored.length === kills * LANES.length && arrived.size === stored.length, `${stored.length} deliveries kept and ${arrived.size} arrived of ${kills * LANES.length}`);
for (const { order_id: order, destination, id: kept, state } of stored) {
  const told = arrived.get(`${order} ${LANES[Number(destination.split(":")[1] ?? 1) - 1]}`) ?? [];
  expect(state === 2, `${order} to ${destination} is in state ${state}`);
  expect(told.length >= 2, `${order} came ${told.length} times to ${destination}`);
  for (const { id, text } of told) {
    expect(id.replaceAll("-", "") === kept, `${order} came as ${id} to ${destination}`);
    expect(text === told[0].text, `${order} came with two bodies to ${destination}:\n  ${told[0].text}\n  ${text}`);
  }
}
problems.push(...await server.verdict());
receiver.closeAllConnections();
receiver.close();
const times = [...arrived.values()].map((told) => told.length);
console.log(`${kills} kills between answers and marks; ${times.reduce((sum, n) => sum + n, 0)} arrivals of ${arrived.size} deliveries`);
conclude(problems, server);
