import { createApp } from "vue";
import { ThroughlinePlugin } from "@throughline/web/vue";
import App from "./App.vue";

createApp(App)
  .use(ThroughlinePlugin, { site: "demo", key: "wk_demo", endpoint: "http://127.0.0.1:8787", consent: "manual" })
  .mount("#app");
