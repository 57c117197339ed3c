import { throughlineMiddleware } from "@throughline/web/next/middleware";

// /letter has no script: its views are captured here.
export const proxy = throughlineMiddleware({
  site: "demo",
  key: "wk_demo",
  endpoint: "http://127.0.0.1:8787",
  consent: (request) => (/(^|; )choice=yes/.test(request.headers.get("cookie")) ? "granted" : null),
});

export const config = { matcher: "/letter" };
