// SPDX-License-Identifier: Apache-2.0
// data-capture="players": videos in the players of YouTube and Vimeo. Nothing is loaded and nobody is
// asked: the player that the page itself embeds is told by postMessage that we listen, and tells where it is.
// Sources: YouTube "IFrame Player API" (the messages of its widget; needs enablejsapi=1 in the address),
// Vimeo "player.js" (messages of the player). Whatever else arrives is not from the frame, not from its
// origin or not of that form, and is left alone.
import { milestones, type Record } from "./milestones.js";

interface Player {
  /** Of the frame's address: the video's id. */
  page: RegExp;
  /** What makes it tell. */
  listen: unknown[];
  /** Where it is, from a message; undefined: nothing new. */
  read(said: Message, told: Told): Told | undefined;
}
interface Message {
  event?: unknown;
  info?: unknown;
  data?: unknown;
}
interface Told {
  position?: unknown;
  duration?: unknown;
  isPlaying?: boolean;
  title?: unknown;
}

const kPlaying = 1; // YouTube's player state
const kListenAgainMs = [0, 500, 1500, 4000]; // the player's script comes later than its page

const members = (value: unknown): { [name: string]: unknown } =>
  Object(value) as { [name: string]: unknown };

const players: Player[] = [
  {
    // YouTube
    page: /^https:..www\.youtube(?:-nocookie)?\.com\/embed\/([\w-]{6,20})(?=[?#]|$)/,
    listen: [{ event: "listening", id: 1, channel: "widget" }],
    read: ({ event, info }, told) => {
      if (event == "onStateChange") return { ...told, isPlaying: info == kPlaying };
      if (event != "infoDelivery" && event != "initialDelivery") return;
      const { currentTime, duration, playerState, videoData } = members(info);
      return {
        position: currentTime ?? told.position,
        duration: duration ?? told.duration,
        isPlaying: playerState == null ? told.isPlaying : playerState == kPlaying,
        title: members(videoData).title ?? told.title,
      };
    },
  },
  {
    // Vimeo
    page: /^https:..player\.vimeo\.com\/video\/(\d{3,15})(?=[?#]|$)/,
    listen: ["playing", "timeupdate"].map((value) => ({ method: "addEventListener", value })),
    read: ({ event, data }) => {
      if (event != "playing" && event != "timeupdate") return;
      const { seconds, duration } = members(data);
      return { position: seconds, duration, isPlaying: true };
    },
  },
];

const messageOf = (data: unknown): Message => {
  try {
    return members(typeof data == "string" && data.length < 65536 ? JSON.parse(data) : data);
  } catch {
    return {};
  }
};
const isTime = (value: unknown): value is number => typeof value == "number" && value >= 0 && value < 1e6;

/** Follows the players in the page, and those that come later. */
export const watchPlayers = (record: Record): void => {
  const followed = new WeakMap<object, string>(); // frame → address

  const follow = (frame: HTMLIFrameElement): void => {
    const { src, contentWindow } = frame;
    const player = players.find(({ page }) => page.test(src));
    if (!player || followed.get(frame) == src) return;
    followed.set(frame, src);
    const { origin } = new URL(src);
    const { dataset } = frame;
    let told: Told = {};
    const reach = milestones(record, () => ({
      content_id: dataset.tlVideo || player.page.exec(src)![1],
      content_name:
        dataset.tlName || (typeof told.title == "string" && told.title.slice(0, 256)) || frame.title || undefined,
      content_category: dataset.tlCategory,
    }));
    let isAnswering = false;
    addEventListener("message", (message) => {
      if (message.source != contentWindow || message.origin != origin || followed.get(frame) != src) return;
      isAnswering = true;
      const said = messageOf(message.data);
      if (said.event == "ready") listen();
      told = player.read(said, told) ?? told;
      const { position, duration, isPlaying } = told;
      if (isPlaying && isTime(position) && isTime(duration) && duration) reach(position, duration);
    });
    const listen = (): void =>
      player.listen.forEach((ask) => contentWindow?.postMessage(JSON.stringify(ask), origin));
    for (const ms of kListenAgainMs) setTimeout(() => isAnswering || listen(), ms);
  };

  document.querySelectorAll("iframe").forEach(follow);
  document.addEventListener(
    "load",
    ({ target }) => target instanceof HTMLIFrameElement && follow(target),
    true,
  );
};
