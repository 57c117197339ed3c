import { mount } from "svelte";
import { init } from "@throughline/web/svelte";
import App from "./App.svelte";

init({ site: "demo", key: "wk_demo", endpoint: "http://127.0.0.1:8787", consent: "manual" });
mount(App, { target: document.getElementById("app") });
