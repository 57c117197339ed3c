import { createRoot } from "react-dom/client";
import { Throughline, useConsent, useThroughline } from "@throughline/web/react";

const options = { site: "demo", key: "wk_demo", endpoint: "http://127.0.0.1:8787", consent: "manual" };

function Banner() {
  const [consent, setConsent] = useConsent();
  if (consent.storage !== null) return null;
  const choose = (granted) => setConsent({ storage: granted, marketing: granted });
  return (
    <p id="banner">
      May we count this visit?
      <button id="accept" onClick={() => choose(true)}>Yes</button>
      <button id="refuse" onClick={() => choose(false)}>No</button>
    </p>
  );
}

function Plans() {
  const throughline = useThroughline();
  return (
    <button id="choose" onClick={() => throughline.track("plan_chosen", { plan: "pro" })}>
      Choose a plan
    </button>
  );
}

createRoot(document.getElementById("root")).render(
  <>
    <Throughline options={options} />
    <h1>Vite and React</h1>
    <Banner />
    <Plans />
  </>,
);
