// SPDX-License-Identifier: Apache-2.0
// The frame of the sandbox's own pages, and text that is safe inside HTML. Pages bring no inline
// script or style; both come from assets/.

export const escape = (value) =>
  String(value ?? "").replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

const DIGITS = { jpy: 0, krw: 0, clp: 0, vnd: 0, xof: 0, xaf: 0, bhd: 3, jod: 3, kwd: 3, omr: 3, tnd: 3 };

export function money(minor, currency) {
  const digits = DIGITS[currency] ?? 2;
  return new Intl.NumberFormat("en", { style: "currency", currency: currency.toUpperCase(), minimumFractionDigits: digits }).format(minor / 10 ** digits);
}

export const clockTime = (ms) => new Date(ms).toISOString().slice(11, 23);

export function page({ title, current, body, isLive = false }) {
  const link = (href, text) => `<a href="${href}"${href === current ? ' aria-current="page"' : ""}>${text}</a>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/sandbox.css">
${isLive ? '<script src="/assets/live.js" defer></script>' : ""}
</head>
<body>
<header class="top">
  <p class="mark"><span aria-hidden="true"></span>Sandbox</p>
  <nav aria-label="Sandbox">${link("/", "What arrived")}${link("/payments", "Payments")}</nav>
  <p class="note">Stands in for Stripe, Meta and PostHog. No money moves, nothing leaves this machine.</p>
</header>
<main${isLive ? " data-live" : ""}>
${body}
</main>
</body>
</html>`;
}
