// SPDX-License-Identifier: Apache-2.0
// The frame of the sandbox's own pages, and text that is safe inside HTML. Pages bring no inline
// script or style; both come from assets/.

export const escape = (value) =>
  String(value ?? "").replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

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
  <p class="note">Stands in for payment providers and ad platforms. No money moves, nothing leaves this machine.</p>
</header>
<main${isLive ? " data-live" : ""}>
${body}
</main>
</body>
</html>`;
}
