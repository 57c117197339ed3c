// SPDX-License-Identifier: Apache-2.0
// Calls other than events. Each belongs to the visitor it was made for: the first token it meets stays its
// own, and until there is one it waits. An empty one is a refusal's, which the server's cookie may prove.
import { options } from "./config.js";
import type { known } from "./consent.js";
import { partsOf } from "./event.js";
import { parse, readState } from "./storage.js";

export interface PostBody {
  token?: string;
  consent?: typeof known;
  [field: string]: unknown;
}
export type Post = [path: string, body: PostBody, answered?: (isTold: boolean) => void];

let waiting: Post[] = [];
let flying: Post | undefined;
/** What proves the visitor to the server, once it has answered. */
export let token = "";

/** Counts up where what an answer says is no longer about the visitor. */
export let visitor = 0;

export const setToken = (given: string): void => {
  token = given;
};

const isBound = ([, body]: Post): boolean => (body.token ??= token || undefined) != null;
const isRefusal = (post?: Post): boolean => post?.[1].consent?.s === 0;
export const textOf = ([, body]: Post): string =>
  JSON.stringify({ site: options.site, sent: Date.now(), write_key: options.key, ...body });

export const addPost = (post: Post): unknown => waiting.push(post);

/** As it is kept for a later page: its path, then its body. The token stays out, for that page gets its own. */
export const itemOf = ([path, body]: Post): string => path + JSON.stringify({ ...body, token: undefined });
export const addItem = (item: string): void => {
  const [, path, json] = /^(.*?)({.*)/.exec(item)!;
  const body = parse<PostBody>(json);
  if (body) addPost([path!, body]);
};

/** What has not left, or may not arrive; a former visitor's stays in the page's memory alone. */
export const unsentItems = (isFlyingLost: boolean): string[] =>
  (isFlyingLost && flying ? [flying] : [])
    .concat(waiting)
    .filter(([, { anonymous_id }]) => anonymous_id == partsOf(readState())[0])
    .map(itemOf);

/** A withdrawal that came before the first answer takes its proof from it. */
export const bindRefusals = (proof?: string | null): void =>
  waiting.forEach((post) => isRefusal(post) && (post[1].token ??= proof || ""));

/** The next post, under way until landPost(). */
export const launchPost = (): Post | undefined => {
  bindRefusals();
  if (waiting[0] && isBound(waiting[0])) return (flying = waiting.shift());
  return;
};
export const landPost = (isTold: boolean): void => {
  if (flying && !isTold) waiting.unshift(flying);
  flying?.[2]?.(isTold);
  flying = undefined;
};

/** What has its token leaves by `beacon`, if that takes it. */
export const leavePosts = (beacon: (path: string, text: string) => boolean): void => {
  waiting = waiting.filter((post) => !isBound(post) || !beacon(post[0], textOf(post)));
};

/** After withdrawal no post may leave but the refusal itself. */
export const forgetPosts = (): void => {
  waiting = waiting.filter(isRefusal);
  if (!isRefusal(flying)) flying = undefined;
};
/** Whoever comes now is somebody else: what has its token may leave all the same. */
export const forgetToken = (): void => {
  waiting = waiting.filter((post) => isRefusal(post) || isBound(post));
  visitor++;
  token = "";
};
