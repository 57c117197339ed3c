// A shop without any script in its pages: node server.mjs, then open http://127.0.0.1:8789.
import { createServer } from "node:http";
import { init } from "@throughline/web/server";

const throughline = init({
  site: "demo",
  key: "wk_demo",
  endpoint: "http://127.0.0.1:8787",
  consent: ({ headers }) => (/(^|; )choice=yes/.test(headers.get("cookie")) ? "granted" : null),
});

const page = `<!doctype html><title>Shop</title><h1>Shop</h1>
<form id="banner" method="post" action="/choice">May we count this visit?
  <button id="accept" name="granted" value="yes">Yes</button> <button id="refuse">No</button></form>
<form method="post" action="/choose"><button id="choose">Choose a plan</button></form>`;

const bodyOf = async (request) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
};

const back = (request, response) => response.writeHead(303, { location: request.headers.referer ?? "/" }).end();

const routes = {
  async "POST /choice"(request, response) {
    const granted = (await bodyOf(request)).has("granted");
    request.throughline.consent({ storage: granted, marketing: granted }, { platform: "own_banner" });
    response.appendHeader("set-cookie", `choice=${granted ? "yes" : "no"}; Path=/; SameSite=Lax`);
    back(request, response);
  },
  "POST /choose"(request, response) {
    request.throughline.track("plan_chosen", { plan: "pro" });
    back(request, response);
  },
};

createServer((request, response) =>
  throughline.node(request, response, () => {
    const route = routes[`${request.method} ${request.url}`];
    if (route) return route(request, response);
    response.writeHead(200, { "content-type": "text/html" }).end(page);
  }),
).listen(process.env.PORT ?? 8789, "127.0.0.1", function () {
  console.log(`http://127.0.0.1:${this.address().port}`);
});
