import { throughlineIntegration } from "@throughline/web/astro";

export default {
  integrations: [
    throughlineIntegration({ site: "demo", key: "wk_demo", endpoint: "http://127.0.0.1:8787", consent: "manual" }),
  ],
};
