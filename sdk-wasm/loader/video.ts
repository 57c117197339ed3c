// SPDX-License-Identifier: Apache-2.0
// Videos: content_view at the first play, video_progress when the position reaches 25, 50, 75 and 95
// percent.
import type { Props } from "./types.js";

const watched = new WeakSet<EventTarget>();

/** `id` by default from data-tl-video. */
export const watchVideo = (
  record: (name: string, props: Props) => void,
  video: HTMLVideoElement,
  id?: string,
): void => {
  if (watched.has(video)) return;
  watched.add(video);
  const { dataset } = video;
  const marks = [0, 25, 50, 75, 95];
  const step = (): void => {
    const percent = (100 * video.currentTime) / video.duration;
    while (marks[0]! <= percent) {
      const mark = marks.shift();
      record(mark ? "video_progress" : "content_view", {
        content_id: id || dataset.tlVideo || video.id,
        content_type: "video",
        content_name: dataset.tlName || video.title || undefined,
        content_category: dataset.tlCategory,
        duration_s: Math.round(video.duration),
        percent: mark || undefined,
      });
    }
  };
  for (const type of ["playing", "timeupdate"]) video.addEventListener(type, step);
  if (!video.paused) step(); // it began while this file was on its way
};
