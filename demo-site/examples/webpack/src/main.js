import { init } from "@throughline/web/asset";

const throughline = init({ site: "demo", key: "wk_demo", endpoint: "http://127.0.0.1:8787", consent: "manual" });
const button = (id) => document.getElementById(id);
const choose = (granted) => {
  throughline.consent({ storage: granted, marketing: granted });
  button("banner").hidden = true;
};
button("accept").onclick = () => choose(true);
button("refuse").onclick = () => choose(false);
button("choose").onclick = () => throughline.track("plan_chosen", { plan: "pro" });
