// SPDX-License-Identifier: Apache-2.0
// Routes, parameters and bodies that the documentation names are those of /openapi.json. A real server takes its requests,
// forms and scripts, and answers each with a status that the description names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import { blocks, blocksOf, placeOf, spans } from "./blocks.mjs";
import { kWrittenServer, kWrittenSite, startAsWritten } from "./served.mjs";

let served, document;
before(async () => {
  served = await startAsWritten();
  document = await (await fetch(`${served.url}/openapi.json`)).json();
});
after(() => served?.stop());

const isOpen = (part) => /[<{…]/.test(part);
const fits = (pattern, path) => {
  if (path.endsWith("/")) return pattern.startsWith(path);
  const [wanted, given] = [pattern, path].map((text) => text.split("/"));
  return wanted.length == given.length && wanted.every((part, i) => part == given[i] || isOpen(part) || isOpen(given[i]));
};

/** The operations that a mention may mean: `method` may be "". */
const operationsOf = (method, path) =>
  Object.entries(document.paths).flatMap(([pattern, methods]) =>
    fits(pattern, path) ? Object.entries(methods).filter(([name]) => !method || name == method.toLowerCase()).map(([, operation]) => operation) : [],
  );

// Without what a request holds, and by any name of ours; the shown members are a part of what may be sent.
const schemaOf = (operation) => operation.requestBody.content["application/json"].schema;
const answerOf = (operation) => Object.values(operation.responses)[0].content["application/json"].schema;

const propertiesOf = (schema) => {
  const found = schema.$ref ? document.components.schemas[schema.$ref.split("/").at(-1)] : schema;
  return Object.assign({}, found.properties, ...(found.allOf ?? []).map(propertiesOf));
};

const ajv = new Ajv({ strict: false, allErrors: true, formats: { uuid: true, email: true, "date-time": true } });
const assertBody = (body, schema, where, isPart = false) => {
  const known = propertiesOf(schema);
  for (const name of Object.keys(body)) assert.ok(known[name], `${where}: no member ${name}`);
  const check = ajv.compile({ ...schema, components: document.components });
  if (!check(body)) {
    // Where only some members are shown, those that are missing are no fault.
    const faults = check.errors.filter(({ keyword }) => !(isPart && keyword == "required"));
    assert.deepEqual(faults.map(({ instancePath, message }) => `${instancePath} ${message}`), [], where);
  }
};

/** The answer's status is one that the description of its route names. */
const assertStatus = ({ status }, { summary, responses }, where) =>
  assert.ok(responses[status], `${where}: "${summary}" answers ${status}, /openapi.json names ${Object.keys(responses).join(", ")}`);

// What the vendors' and the site's own servers answer is theirs.
const isOurs = (path) => /^\/(api|track)\/|^\/(openapi\.json|sdk\.json|metrics|dashboard|healthz|readyz|px\.gif|t\.js)\b/.test(path);

/** Of a block of JSON that is a request. */
const routeOf = ({ about }) => /^(POST|GET) (\/\S+)$/.exec(about)?.slice(1) ?? [];

// "POST /api/x?a=…&b {json}", a bare path, or an address of the server.
const mentionIn = (code) => {
  const text = code.startsWith(kWrittenServer) ? code.slice(kWrittenServer.length) : code.replace(/^https:\/\/YOUR-SERVER/, "").replace(/^http:\/\/127\.0\.0\.1:8787/, "");
  const [, method, path, query, body] = /^(?:(GET|POST|DELETE|PUT) )?(\/[^?{\s]*(?:[<{][^>}]*[>}][^?{\s]*)*)(\?\S*)?(?: (\{.*\}))?$/.exec(text) ?? [];
  return path && isOurs(path) ? { method: method ?? "", path, query: query ?? "", body } : undefined;
};

test("routes, query parameters and bodies in running text are the server's", () => {
  let found = 0;
  const wrong = [];
  for (const span of spans) {
    const mention = mentionIn(span.code);
    if (!mention) continue;
    found += 1;
    const { method, path, query, body } = mention;
    const operations = operationsOf(method, path);
    if (!operations.length) wrong.push(`${placeOf(span)}: no route ${method} ${path}`);
    for (const [, name] of query.matchAll(/[?&](\w+)/g))
      if (!operations.some(({ parameters = [] }) => parameters.some((one) => one.name == name))) wrong.push(`${placeOf(span)}: ${path} has no ?${name}`);
    if (operations.length && body?.includes('":')) assertBody(JSON.parse(body), schemaOf(operations[0]), placeOf(span), true);
  }
  assert.deepEqual(wrong, []);
  assert.ok(found > 80, `only ${found} mentions were found`);
});

test("a block of JSON says what it is, and is that", () => {
  for (const block of blocksOf("json")) {
    const [method, path] = routeOf(block);
    if (path) {
      const [operation] = operationsOf(method, path);
      assert.ok(operation, `${placeOf(block)}: no route ${block.about}`);
      assertBody(JSON.parse(block.code), schemaOf(operation), placeOf(block));
    } else assert.match(block.about, /^(answer|throughline .*)$/, `${placeOf(block)}: say after "json" what it is, as "POST /api/…", "answer" or the command`);
  }
});

/** {method, path, query, body, line}: what the curl commands of a block ask for. */
const requestsOf = ({ code }) =>
  code.replace(/\\\n/g, " ").split("\n").filter((line) => /^curl /.test(line)).map((line) => {
    const [, path, query = ""] = /(?:\$URL|https:\/\/t\.shop\.example)([^\s"'?]+)(\?[^\s"']*)?/.exec(line);
    const body = / (?:-d|--data(?:-raw)?) '([^']*)'/.exec(line)?.[1];
    return { method: / -X (\w+)/.exec(line)?.[1] ?? (body ? "POST" : "GET"), path, query, body };
  });

test("what curl sends is what the route reads, and what it shows as the answer is one", () => {
  let found = 0;
  for (const block of blocksOf("sh"))
    for (const { method, path, query, body } of requestsOf(block)) {
      found += 1;
      const [operation] = operationsOf(method, path);
      assert.ok(operation, `${placeOf(block)}: no route ${method} ${path}`);
      for (const [, name] of query.matchAll(/[?&](\w+)/g)) assert.ok(operation.parameters.some((one) => one.name == name), `${placeOf(block)}: ${path} has no ?${name}`);
      if (body) assertBody(JSON.parse(body), schemaOf(operation), placeOf(block));
      const next = blocks[blocks.indexOf(block) + 1];
      if (next?.page == block.page && next.about == "answer") assertBody(JSON.parse(next.code), answerOf(operation), placeOf(next), true);
    }
  assert.ok(found > 1);
});

// As it is shown, but of the site and of ids that are there.
const asked = async ({ method, path, query = "", body }) => {
  const headers = { authorization: `Bearer ${served.key}`, "content-type": "application/json" };
  const there = body && JSON.parse(body.replaceAll("SESSION", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"));
  if (there?.site) there.site = "shop";
  if (there?.lead_id) there.lead_id = (await served.post(path, { email: "status@mail.example" }, headers)).body.lead_id;
  return fetch(served.url + path + query, { method, headers, redirect: "manual", body: there && JSON.stringify(there), signal: AbortSignal.timeout(5000) });
};

test("what is shown as a request is answered with a status that its description names", async () => {
  const shown = [
    ...blocksOf("json").filter((block) => routeOf(block).length).map((block) => {
      const [method, path] = routeOf(block);
      return { where: placeOf(block), method, path, body: block.code };
    }),
    ...blocksOf("sh").flatMap((block) => requestsOf(block).map((request) => ({ where: placeOf(block), ...request }))),
  ];
  assert.ok(shown.length > 3);
  for (const { where, ...request } of shown) {
    const reply = await asked(request);
    assert.ok(reply.ok, `${where}: ${await reply.text()}`);
    assertStatus(reply, operationsOf(request.method, request.path)[0], where);
  }
});

test("every address that is only read answers with a status that its description names", async () => {
  let found = 0;
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (!get || path.includes("{")) continue;
    const query = get.parameters?.some(({ name }) => name == "site") ? "?site=shop" : "";
    const reply = await asked({ method: "GET", path, query });
    await reply.body?.cancel();
    if (reply.status < 400) assertStatus(reply, get, path);
    if (reply.ok) found += 1;
  }
  assert.ok(found > 50, `only ${found}`);
});

test("a form that is sent to the server has fields that it reads, and is taken", async () => {
  const forms = blocksOf("html").flatMap((block) => [...block.code.matchAll(/<form[^>]*action="([^"]*)"[\s\S]*?<\/form>/g)].map(([form, action]) => ({ block, form, action })));
  const ours = forms.filter(({ action }) => action.startsWith(kWrittenServer));
  assert.ok(ours.length);
  for (const { block, form, action } of ours) {
    const path = action.slice(kWrittenServer.length);
    const [operation] = operationsOf("POST", path);
    assert.ok(operation, `${placeOf(block)}: no route ${path}`);
    const known = propertiesOf(schemaOf(operation));
    const fields = [...form.matchAll(/<input\b[^>]*\bname="([^"]*)"[^>]*>/g)].map(([input, name]) => [name, /value="([^"]*)"/.exec(input)?.[1] ?? ""]);
    for (const [name] of fields) assert.ok(known[name], `${placeOf(block)}: ${path} reads no field ${name}`);
    const filled = new URLSearchParams(fields);
    filled.set("email", "ann@mail.example");
    const reply = await fetch(served.url + path, { method: "POST", redirect: "manual", headers: { origin: kWrittenSite, referer: `${kWrittenSite}/contact/` }, body: filled });
    assert.equal(reply.status, 303, `${placeOf(block)}: ${await reply.text()}`);
    assertStatus(reply, operation, placeOf(block));
    assert.equal(reply.headers.get("location"), `${kWrittenSite}${filled.get("tl_redirect")}`);
  }
});

test("a script that sends to the server by itself is taken", async () => {
  const scripts = blocksOf("js").filter(({ code }) => code.includes(`fetch("${kWrittenServer}`));
  assert.ok(scripts.length);
  for (const block of scripts) {
    const replies = [];
    const asPage = async (address, { headers, ...init }) => {
      const reply = await fetch(address.replace(kWrittenServer, served.url), { ...init, headers: { ...headers, origin: kWrittenSite } });
      assertStatus(reply, operationsOf(init.method, address.slice(kWrittenServer.length))[0], placeOf(block));
      replies.push([reply.status, await reply.json()]);
      return reply;
    };
    await new (async () => {}).constructor("fetch", "Throughline", block.code)(asPage, { q: [] });
    for (const [status, body] of replies) assert.deepEqual([status, body], [200, { received: true }], placeOf(block));
    assert.ok(replies.length, placeOf(block));
  }
});
