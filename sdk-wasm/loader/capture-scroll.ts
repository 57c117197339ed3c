// SPDX-License-Identifier: Apache-2.0
// data-capture="scroll": scroll_depth when the lower edge of the window has passed 25, 50, 75 and 90 percent
// of the page, each once a page view. Only a page that was scrolled reports any: what stands in the window
// from the start was not scrolled to. Where the page itself does not scroll but a large part of it does (an
// application's frame), that part counts.
import type { Record } from "./milestones.js";
import { hear } from "./page-events.js";

const kMarks = [25, 50, 75, 90];
const kMeasureMs = 100; // at most so often
const kSettleMs = 400; // of a new page, while a route's old content may still be there

const here = (): string => location.href.split("#")[0]!;
const isLarge = (part: Element, page: Element): boolean =>
  part.clientHeight * 2 > page.clientHeight && part.clientWidth * 2 > page.clientWidth;

export const watchScrolling = (record: Record): void => {
  const page = document.scrollingElement ?? document.documentElement;
  let place = "";
  let marks: number[] = [];
  let scrolled: Element = page;
  let isWaiting = false;

  const isAnew = (): boolean => place != here();
  const measure = (): void => {
    if (isAnew()) return measureSoon();
    const depth = (100 * (scrolled.scrollTop + scrolled.clientHeight)) / scrolled.scrollHeight;
    while (marks[0]! <= depth) record("scroll_depth", { percent: marks.shift() });
  };
  const measureSoon = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    const ms = isAnew() ? kSettleMs : kMeasureMs;
    if (isAnew()) marks = [...kMarks];
    place = here();
    setTimeout(() => {
      isWaiting = false;
      measure();
    }, ms);
  };

  hear(document, "scroll", ({ target }) => {
    const part = target instanceof Element ? target : page;
    if (part != page && (page.scrollHeight > page.clientHeight + 1 || !isLarge(part, page))) return;
    scrolled = part;
    measureSoon();
  });
  // A return from the back/forward cache is a page view of its own.
  hear(window, "pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) place = "";
  });
  if (page.scrollTop > 0) measureSoon(); // before this file came
};
