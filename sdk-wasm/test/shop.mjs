// SPDX-License-Identifier: Apache-2.0
// The stage without a browser: a shop that serves pages with the script tag, and an endpoint that records
// what arrives and answers like the server.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const folder = process.env.TL_SDK ?? new URL("../../build/sdk", import.meta.url).pathname;
const script = await readFile(`${folder}/throughline.js`);
const extrasScript = await readFile(`${folder}/throughline.x.js`);
const platformsScript = await readFile(`${folder}/throughline.c.js`);
const moreScript = await readFile(`${folder}/throughline.m.js`);
const debugScript = await readFile(`${folder}/throughline.d.js`);
const javascriptCore = await readFile(`${folder}/throughline.j.js`);
const about = JSON.parse(await readFile(`${folder}/sdk.json`, "utf8"));
const scripts = new Map([
  ["/throughline.js", script],
  ["/throughline.compat.js", await readFile(`${folder}/throughline.compat.js`)],
  [`/throughline.${about.beside}.x.js`, extrasScript],
  [`/throughline.${about.beside}.c.js`, platformsScript],
  [`/throughline.${about.beside}.m.js`, moreScript],
  [`/throughline.${about.beside}.d.js`, debugScript],
  [`/throughline.${about.beside}.j.js`, javascriptCore],
]);

const body = async (request) => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
};

/** `host`: a loopback address; another one is another site with a device of its own. */
export const openShop = async (host = "127.0.0.1") => {
  const stage = {
    requests: [], // posts: { path, body, cookie, headers }
    asked: [], // all requests, in order: { method, path, query, cookie }
    respond: () => ({ status: 202, answer: { token: "token-1" } }), // may be replaced by a test
    csp: "",
    script: "/throughline.js",
    named: (path) => path, // what a path of the script is called here
    attributes: 'data-consent="granted"',
    html: "",
  };
  const server = createServer(async (request, reply) => {
    const { pathname, search } = new URL(request.url, "http://x");
    stage.asked.push({ method: request.method, path: pathname, query: search, cookie: request.headers.cookie });
    if (request.method == "POST") {
      const text = await body(request);
      const { status, answer } = stage.respond(text, pathname);
      if (status) {
        stage.requests.push({ path: pathname, body: JSON.parse(text), cookie: request.headers.cookie, headers: request.headers });
      }
      if (!status) return request.socket.destroy();
      const { origin } = request.headers;
      reply.writeHead(status, {
        "content-type": "application/json",
        ...(origin && { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" }),
        ...(stage.flags && { "x-throughline": stage.flags }),
        ...(stage.setCookie && { "set-cookie": stage.setCookie }),
      });
      return reply.end(JSON.stringify(answer ?? {}));
    }
    if (pathname == "/api/region") {
      const { origin } = request.headers;
      reply.writeHead(stage.region ? 200 : 503, { "content-type": "application/json", ...(origin && { "access-control-allow-origin": origin }) });
      return reply.end(stage.region ? JSON.stringify({ consent_default: stage.region }) : "");
    }
    const scriptName = stage.named(pathname);
    if (scripts.has(scriptName)) {
      reply.writeHead(200, { "content-type": "text/javascript; charset=utf-8", "access-control-allow-origin": "*" });
      return reply.end(scripts.get(scriptName));
    }
    if (pathname.startsWith("/web/")) {
      const type = pathname.endsWith(".wasm") ? "application/wasm" : "text/javascript; charset=utf-8";
      reply.writeHead(200, { "content-type": type });
      return reply.end(await readFile(folder + pathname));
    }
    if (pathname == "/plain") return reply.writeHead(200, { "content-type": "text/html" }).end("");
    if (pathname == "/favicon.ico") return reply.writeHead(404).end();
    reply.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      ...(stage.csp && { "content-security-policy": stage.csp }),
    });
    const source = stage.scriptOrigin ?? "";
    reply.end(`<!doctype html><title>Käse ☕</title>
      <script>window.Throughline=window.Throughline||{q:[]}</script>
      ${stage.before ?? ""}
      <script src="${source}${stage.script}" data-site="${stage.site ?? "demo"}" data-key="wk_demo" ${stage.attributes}></script>
      <script>window.atOnce = Throughline.getSessionId && Throughline.getSessionId()</script>
      ${stage.html}`);
  });
  await new Promise((done) => server.listen(0, host, done));
  const { port } = server.address();
  stage.shop = `http://${host}:${port}`;
  stage.elsewhere = `http://localhost:${port}`;
  stage.batches = () => stage.requests.filter(({ path }) => path == "/api/events").map(({ body }) => body);
  stage.events = (name) => stage.batches().flatMap(({ e }) => e).filter(({ n }) => !name || n == name);
  stage.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return stage;
};

export const until = async (what, condition, ms = 20_000) => {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((r) => setTimeout(r, 25)))
    if (await condition()) return;
  throw new Error(`not within ${ms} ms: ${what}`);
};

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
