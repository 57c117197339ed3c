export const dynamic = "force-static";
export const GET = () =>
  new Response("<!doctype html><h1>A page without a script</h1>", { headers: { "content-type": "text/html" } });
