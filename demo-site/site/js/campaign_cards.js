// SPDX-License-Identifier: Apache-2.0
// A visitor who picks a card has chosen a campaign: that is a touch of its own, beside the ad that
// brought them here.
for (const card of document.querySelectorAll("[data-campaign]")) {
  card.addEventListener("click", () => {
    film.call("campaign", { source: "site", medium: "banner", campaign: card.dataset.campaign, content: card.dataset.content });
  });
}
