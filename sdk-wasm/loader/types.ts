// SPDX-License-Identifier: Apache-2.0
// The public types of @throughline/web. Options are the script tag's data- attributes in camel case
// (data-session-timeout is sessionTimeout); an attribute's text and the typed value mean the same.

export interface Options {
  /** Site id, as in the server's configuration. */
  site: string;
  /** Public write key of the site. */
  key: string;
  /** Address of the Throughline server, also relative; by default the origin that served the script. */
  endpoint?: string;
  /** granted and denied speak for both purposes; auto follows the consent platform on the page; manual
   * waits for consent(). */
  consent?: "auto" | "granted" | "denied" | "manual";
  /** With auto: milliseconds for which a platform is looked for closely (3000); then at growing pauses. */
  consentWait?: number | string;
  /** With auto: the platform's categories or services that stand for storage, separated by blanks. */
  storageCategory?: string;
  /** With auto: those that stand for marketing. */
  marketingCategory?: string;
  /** With auto: treat Do Not Track as a refusal (false). */
  respectDnt?: boolean | string;
  /** What an unknown choice means: denied (opt-in, the default), granted (opt-out), or, with auto, what the
   * server says of the visitor's country. */
  consentDefault?: "denied" | "granted" | "region";
  /** Coarse counts without ids: on_denial (the default), always or off. */
  anonymousPings?: "off" | "on_denial" | "always";
  /** Idle minutes that end a session (30). */
  sessionTimeout?: number | string;
  /** Minutes after which a session ends in any case (1439). */
  sessionMax?: number | string;
  /** Whether a newly tagged campaign starts a session (true). */
  rotateOnCampaign?: boolean | string;
  /** Query parameters that may leave the page besides campaign parameters, separated by blanks. */
  keepQuery?: string;
  /** Further domains of the site that share the visit, separated by blanks; sub-domains included. */
  linkDomains?: string;
  /** Without consent, checkouts carry the channel and what many share of the campaign, no id (false). */
  coarseHandover?: boolean | string;
  /** What is captured without a call, separated by blanks ("page video"; also scroll, outbound, download, form,
   * signup, checkout, players). */
  capture?: string;
  /** The endings that count as downloads, separated by blanks, in place of the usual ones. */
  downloadTypes?: string;
  /** Send only SHA-256 of e-mail and phone (false). */
  hashContact?: boolean | string;
  /** Name of the global object of the script build ("Throughline"). */
  global?: string;
  /** Treat Global Privacy Control as an opt-out of sale (true). */
  respectGpc?: boolean | string;
  /** Domain of the server's cookies when it is not the page's own host. A page finds them without. */
  cookieDomain?: string;
  /** Name of the readable cookie that the server sets ("tl." and the site's id). */
  cookie?: string;
  /** Explain on the console what is dropped and why. */
  debug?: boolean | string;
}

export type Props = Record<string, unknown>;

/** One arrival with its source. Click ids stand under their parameter's name. */
export interface Touch {
  /** The server's word; there once it has answered. */
  channel?: string;
  /** Milliseconds since the epoch. */
  t: number;
  source?: string;
  medium?: string;
  campaign?: string;
  term?: string;
  content?: string;
  ref?: string;
  [clickId: string]: string | number | undefined;
}

export interface Attribution {
  first: Touch | null;
  last: Touch | null;
}

export interface Campaign {
  source: string;
  medium?: string;
  campaign?: string;
  term?: string;
  content?: string;
  id?: string;
}

export interface Contact {
  email?: string;
  phone?: string;
  userId?: string;
  /** Made by the site's server over one of the three, which it proves (docs/attribution.md). */
  identitySignature?: string;
  [trait: string]: unknown;
}

export interface CheckoutInput {
  productId?: string;
  productName?: string;
  price?: number | string;
  currency?: string;
  orderId?: string;
  /** Address of the provider's checkout page. */
  url?: string | URL;
  provider?: string;
}

export interface Checkout {
  /** The given address with the ids added for its provider; "" when none was given. */
  url: string;
  /** For checkouts that the site's own server creates; empty without consent. */
  metadata: Record<string, string>;
  /** All ids in one field, for providers with a single reference; null without consent. */
  clientReferenceId: string | null;
}

/** What holds. null: not known, for the visitor has not chosen. */
export interface ConsentState {
  storage: boolean | null;
  marketing: boolean | null;
}

/** A choice may be said in words too; what is plainly no yes is a no. */
export type ConsentWord = boolean | "granted" | "denied";
export interface ConsentChoice {
  storage?: ConsentWord | null;
  marketing?: ConsentWord | null;
}

/** What a receipt tells of a choice beside it. */
export interface ConsentSource {
  /** Whose banner asked ("api"); 64 characters count. */
  platform?: string | undefined;
  /** Which version of its text the visitor read; 64 characters count. */
  textVersion?: string | undefined;
}

export interface SentEvent {
  name: string;
  /** null without storage consent. */
  id: string | null;
  props: Props | undefined;
}

/** Nothing here throws. */
export interface Throughline {
  /** Starts the SDK; again with the same site changes nothing. */
  init(options: Options): Throughline;
  /** null before and without storage consent. */
  getSessionId(): string | null;
  /** null before and without storage consent. */
  getAnonymousId(): string | null;
  getAttribution(): Attribution;
  /** A page view by hand; loads and route changes are told by themselves. */
  page(props?: Props): string | null;
  /** The event's id, for an ad platform's pixel; null while it waits for consent. */
  track(name: string, props?: Props): string | null;
  /** The older name of track(). */
  trackEvent(name: string, props?: Props): string | null;
  /** Says who the visitor is; waits for consent and for the session's token. */
  identify(contact: Contact): void;
  /** Tells of a checkout that begins, and answers what carries the ids to the provider. */
  checkoutStarted(input?: CheckoutInput | null): Checkout;
  /** Adds the ids to the checkout links and forms that are there under `root`. */
  decorateCheckout(root?: ParentNode): void;
  /** Starts a campaign touch from the page. */
  campaign(campaign: Campaign): string | null;
  /** Reads the choice, or sets it; a purpose that is left out stays as it is, a word alone is for both. The
   * receipt says whose banner asked, and by which text. */
  consent(choice?: ConsentChoice | ConsentWord, by?: ConsentSource): ConsentState;
  /** Watches a video; automatic for `<video data-tl-video>`. */
  video(element: HTMLVideoElement, options?: { id?: string }): void;
  on(event: "ready", listener: (api: Throughline) => void): void;
  on(event: "event", listener: (event: SentEvent) => void): void;
  on(event: "consent", listener: (state: ConsentState) => void): void;
  /** A new visitor from the next event on, as after a log-out. */
  reset(): void;
  /** Done when all is sent, or waits for the network again. */
  flush(): Promise<void>;
  /** Shows the panel that `debug` shows, or takes it away. */
  debug(on?: boolean): void;
}
