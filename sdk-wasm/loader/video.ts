// SPDX-License-Identifier: Apache-2.0
// The page's own videos.
import { milestones, type Record } from "./milestones.js";

const watched = new WeakSet<EventTarget>();

/** `id` by default from data-tl-video. */
export const watchVideo = (record: Record, video: HTMLVideoElement, options?: { id?: string }): void => {
  const id = options?.id;
  if (watched.has(video)) return;
  watched.add(video);
  const { dataset } = video;
  const reach = milestones(record, () => ({
    content_id: id || dataset.tlVideo || video.id,
    content_name: dataset.tlName || video.title || undefined,
    content_category: dataset.tlCategory,
  }));
  const step = (): void => reach(video.currentTime, video.duration);
  for (const type of ["playing", "timeupdate"]) video.addEventListener(type, step);
  if (!video.paused) step(); // it began while this file was on its way
};
