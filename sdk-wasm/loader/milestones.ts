// SPDX-License-Identifier: Apache-2.0
// What a watched video reports: content_view at the first play, video_progress when the position reaches 25,
// 50, 75 and 95 percent.
import type { Props } from "./types.js";

export type Record = (name: string, props: Props) => void;

/** Call the answer with each position; `describe` tells the rest of the properties. */
export const milestones = (
  record: Record,
  describe: () => Props,
): ((position: number, duration: number) => void) => {
  const marks = [0, 25, 50, 75, 95];
  return (position, duration) => {
    const percent = (100 * position) / duration;
    while (marks[0]! <= percent) {
      const mark = marks.shift();
      record(mark ? "video_progress" : "content_view", {
        content_type: "video",
        duration_s: Math.round(duration),
        percent: mark || undefined,
        ...describe(),
      });
    }
  };
};
