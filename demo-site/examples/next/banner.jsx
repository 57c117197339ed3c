"use client";
import { useConsent, useThroughline } from "@throughline/web/next";

export function Banner() {
  const [consent, setConsent] = useConsent();
  const throughline = useThroughline();
  const choose = (granted) => setConsent({ storage: granted, marketing: granted });
  return (
    <>
      {consent.storage === null && (
        <p id="banner">
          May we count this visit?
          <button id="accept" onClick={() => choose(true)}>Yes</button>
          <button id="refuse" onClick={() => choose(false)}>No</button>
        </p>
      )}
      <button id="choose" onClick={() => throughline.track("plan_chosen", { plan: "pro" })}>
        Choose a plan
      </button>
    </>
  );
}
