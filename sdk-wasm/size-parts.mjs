// SPDX-License-Identifier: Apache-2.0
// What throughline.js is made of, in the order in which SIZE.md adds it up, each with the reason why no
// other file may hold it. weigh.mjs fails where a function or a module has no place here.

/** [construct, names of its functions (the first that fit), why]. */
export const coreParts = [
  ["one decision: fields in, state line, session rules, consent gate, answer out", /^tl_(decide|input)$|::next$|put_field/,
    "`getSessionId()` answers in the statement after the script"],
  ["SHA-256, hashing by fields, UUIDs", /Sha256|constants|root|FieldHash|uuid|read_id|Id128|fold$/,
    "every id is one of its results"],
  ["splitting URLs and queries", /split_url|next_pair|take_until/, "all that follows reads URLs"],
  ["reading a touch: parameters, placeholders, click ids, referrer, fingerprint", /[tT]ouch|click|next_param_name/,
    "a new campaign ends the session before the first id is told"],
  ["percent-decoding and UTF-8 repair", /::decode|hex_value/, "the fingerprint hashes what they yield, as the server does"],
  ["URL reduction, e-mail addresses in values", /reduce|encode_url_text|encoded_size|holds_a/, "nothing unreduced may leave, from the first event on"],
  ["same site, public suffixes", /site|label_start/, "own referrers are no touch; cookies or none with the first request"],
  ["reading and writing words and numbers", /::compare|parse_decimal|trim|find_word|take_field|equals_ignoring_case|contains|Out::/,
    "used by all of the above"],
  ["data: parameter names, payment and login hosts, word lists", /^data$/, "one table for both sides"],
];

/** [construct, modules of loader/, why]; `atStart`: what one event needs to be decided and sent. */
export const loaderParts = [
  ["the public object, the tag, calls before the load", ["api", "extra-script", "extra", "guard", "hooks"], "the page calls it in the next statement", "atStart"],
  ["core: instantiate, call, read its answer", ["core", "wasm-inline", "decision"], "the first id", "atStart"],
  ["options and consent", ["config", "consent"], "nothing is stored or sent before they say so", "atStart"],
  ["storage and cookies", ["storage"], "the running session is read before the first event", "atStart"],
  ["session: held events, two tabs, the server's answers; the event's JSON", ["session", "event", "evidence", "nonce"], "the id must be one from the first event on, in every tab", "atStart"],
  ["transport: one request at a time, retries, beacons; a batch's envelope", ["transport", "envelope", "backoff"], "it sends the first event, and the last", "atStart"],
  ["posts: the visitor's token, calls that wait for it, refusals first of all", ["posts"], "a withdrawal must reach the server, with its proof", "atStart"],
  ["queue: batches, events kept over page loads, masking", ["queue"], "it holds the first event, and what an earlier page could not send", "atStart"],
  ["consent() and withdrawal", ["choice"], "a refusal holds at once, and offline"],
  ["leaving, coming back", ["leave"], "the page may end before another file is there"],
  ["route changes", ["routes"], "the first may come before another file is there"],
  ["hidden fields with the ids", ["fields"], "a form may be sent at once"],
  ["identify()", ["identify"], "a form's contact is told as the page goes"],
  ["hand-over to the checkout: token, metadata, providers' addresses", ["handover", "checkout", "checkout-props"], "`checkoutStarted()` returns the address in the same statement"],
];
