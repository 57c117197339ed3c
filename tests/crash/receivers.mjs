// SPDX-License-Identifier: Apache-2.0
// Stand-ins for Meta and PostHog that only write down what arrived: how often each event id came, whether
// a repeat was the same to the byte, and whether one visit or order ever came under a second id. Every
// few requests one gets no answer, so that the server must repeat.
import http from "node:http";
import zlib from "node:zlib";

// The test numbers its visits by the click id of their page and its orders by their ids.
function subjectOf(text) {
  const order = text.match(/"order_id":"(?:pi|cs_live)_(\d+)"/);
  if (order) return `order ${order[1]}`;
  const visit = text.match(/gclid=G(\d+)/);
  return visit ? `visit ${visit[1]}` : `nothing that was sent: ${text}`;
}

export async function startReceivers() {
  const arrived = { meta: new Map(), posthog: new Map() };
  const ids = { meta: new Map(), posthog: new Map() };  // by what the event is about
  const differing = [];
  const renamed = [];
  let requests = 0;

  function note(destination, id, text) {
    const subject = subjectOf(text);
    const known = ids[destination].get(subject);
    if (known === undefined) ids[destination].set(subject, id);
    else if (known !== id) renamed.push({ destination, subject, first: known, then: id });
    const earlier = arrived[destination].get(id);
    if (!earlier) arrived[destination].set(id, { text, times: 1 });
    else {
      earlier.times += 1;
      if (earlier.text !== text) differing.push({ destination, id, first: earlier.text, then: text });
    }
  }

  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      let body = Buffer.concat(chunks);
      if (body[0] === 0x1f && body[1] === 0x8b) body = zlib.gunzipSync(body);
      const parsed = JSON.parse(body.toString("utf8"));
      if (request.url.startsWith("/batch")) {
        for (const event of parsed.batch) note("posthog", event.uuid, JSON.stringify(event));
        if (++requests % 17 === 0) return response.destroy();
        response.end('{"status":"Ok"}');
      } else {
        for (const event of parsed.data) note("meta", event.event_id, JSON.stringify(event));
        if (++requests % 17 === 0) return response.destroy();
        response.end(JSON.stringify({ events_received: parsed.data.length, messages: [], fbtrace_id: "x" }));
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    arrived,
    ids,
    differing,
    renamed,
    stop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}
