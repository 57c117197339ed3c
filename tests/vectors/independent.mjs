// SPDX-License-Identifier: Apache-2.0
// Checks the committed vectors against things the core's code did not make: Node's own SHA-256, URL
// parser and big integers, and the attribution rules written a second time. Golden files alone would
// keep a mistake for ever. Usage: node independent.mjs
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { directory, vectorFiles } from "./run.mjs";

const bytesOf = (uuid) => Buffer.from(uuid.replaceAll("-", ""), "hex");

// SHA-256 over fields, each after its length as u32 little-endian.
function fieldHash(...fields) {
  const hash = createHash("sha256");
  for (const field of fields) {
    const bytes = typeof field === "number" ? u32(field) : Buffer.from(field);
    hash.update(u32(bytes.length)).update(bytes);
  }
  return hash.digest();
}

function u32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

function uuid(bytes, version) {
  bytes[6] = (bytes[6] & 0x0f) | (version << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function uuidV7(t, digest) {
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(BigInt(t));
  return uuid(Buffer.concat([time.subarray(2), digest.subarray(0, 10)]), 7);
}

function checkDecide({ site = "", ev }, out) {
  let checked = 0;
  ev.forEach((event, i) => {
    if (out[i].length < 3 || typeof out[i][2] !== "string") return;
    const [state, id, text] = out[i];
    const sent = JSON.parse(text);
    const nonce = Buffer.from(event.pn, "hex");
    assert.equal(sent.id, id);
    assert.equal(sent.seq, event.seq);
    assert.equal(sent.t, event.t);
    assert.equal(id, uuidV7(event.t, fieldHash("tl-evt", site, bytesOf(sent.sid), nonce, event.seq, event.n)));
    const [aid, sid, start, last, index] = state.split(".");
    assert.deepEqual([sent.aid, sent.sid], [aid, sid]);
    assert.ok(Number(start) <= Number(last));
    const before = sent.ev.prev;
    if (before?.aid === undefined) {
      const consentTime = Math.max(event.t, event.ct ?? 0);
      assert.equal(aid, uuidV7(consentTime, fieldHash("tl-aid", site, nonce)));
    } else {
      assert.equal(aid, before.aid);
    }
    if (sent.why === "same") {
      assert.equal(sid, before.sid);
    } else {
      const previous = before?.sid === undefined ? nonce : bytesOf(before.sid);
      const minute = event.t - (event.t % 60000);
      assert.equal(sid, uuidV7(minute, fieldHash("tl-sid", site, bytesOf(aid), previous, Number(index))));
    }
    checked += 1;
  });
  return checked;
}

// Every campaign value of a touch is one that the URL Standard's own parser finds in the query.
function checkTouch({ u }, out) {
  if (typeof u !== "string" || typeof out.touch !== "string") return 0;
  const query = u.split("#")[0].split("?").slice(1).join("?");
  const clean = (text) => text.replace(/[\u0000-\u001f\u007f]/g, " ").replace(/^ +| +$/g, "");
  const values = [...new URLSearchParams(query)].map(([, value]) => clean(value));
  const touch = JSON.parse(out.touch);
  let checked = 0;
  for (const name of ["source", "medium", "campaign", "term", "content"]) {
    if (touch[name] === undefined) continue;
    assert.ok(Buffer.byteLength(touch[name]) <= 255);
    const isMasked = touch[name] == "*" && /@|%(252525|(25){0,2}40)/.test(u) && /\.|%2[e5]/i.test(u);
    assert.ok(isMasked || values.some((value) => value.startsWith(touch[name])), `${name} of ${u}`);
    checked += 1;
  }
  return checked;
}

function checkCoarseToken({ channel, source, campaign }, out) {
  if (out.error) return 0;
  const written = [source, campaign].map((text) => Buffer.from(text).toString("base64url"));
  assert.equal(out, ["tl0", channel, ...written].join("_"));
  assert.ok(/^[A-Za-z0-9_-]{1,200}$/.test(out));
  return 1;
}

function checkToken({ aid, sid, t }, out) {
  assert.equal(out, `tl1_${aid}_${sid}_${BigInt(t).toString(36)}`);
  return 1;
}

const kParameter = {
  "stripe.com": "client_reference_id", "polar.sh": "reference_id", "whop.com": "checkout_session_metadata[",
  "lemonsqueezy.com": "checkout[custom][",
};

// By the end of the host's name, or by a shop's cart; undefined for an address of nobody.
function parameterOf(u) {
  const { protocol, hostname, pathname } = new URL(u);
  if (!protocol.startsWith("http")) return undefined;
  if (/^\/cart\/[0-9]/.test(pathname) && pathname.includes(":")) return "attributes[";
  const labels = hostname.replace(/\.$/, "").split(".");
  const domain = labels.slice(-2).join(".");
  if (domain === "stripe.com" && !["buy", "book", "donate"].includes(labels.at(-3))) return undefined;
  return kParameter[domain];
}

function checkDecorate({ u, aid, sid, t }, out) {
  if (typeof u !== "string" || typeof out.url !== "string" || !URL.canParse(u)) return 0;
  const parameter = parameterOf(u);
  if (parameter === undefined || !aid) {
    assert.equal(out.url, u);
    return 1;
  }
  const before = new URL(u);
  const after = new URL(out.url);
  assert.equal(after.hash, before.hash);
  const wanted = parameter.endsWith("[")
    ? { [`${parameter}anonymous_id]`]: aid, [`${parameter}session_id]`]: sid, [`${parameter}checkout_started_at]`]: String(t) }
    : { [parameter]: `tl1_${aid}_${sid}_${t.toString(36)}` };
  for (const [key, value] of Object.entries(wanted)) {
    assert.deepEqual(after.searchParams.getAll(key), [before.searchParams.get(key) ?? value]);
  }
  for (const [key, value] of before.searchParams) assert.ok(after.searchParams.getAll(key).includes(value));
  return 1;
}

function checkContact({ kind, raw }, out) {
  if (out.error !== undefined || typeof raw !== "string") return 0;
  assert.equal(out.sha256, createHash("sha256").update(out.text).digest("hex"));
  if (kind === "phone") assert.match(out.text, /^\+[1-9][0-9]{6,14}$/);
  if (kind === "email" && /^[\u0000-\u007f\u00a0]*$/.test(raw)) assert.equal(out.text, raw.trim().toLowerCase());
  return 1;
}

function checkOrderEventId({ site, provider, order, kind }, out) {
  assert.equal(out, uuid(fieldHash("tl-ord", site, provider, order, kind).subarray(0, 16), 8));
  return 1;
}

// The path by the rules of docs/attribution.md, as a list of [id, time, channel] in order.
function pathOf(input, seesDirect) {
  const { t, touches, click = 30 * 864e5, view = 864e5 } = input;
  if (input.repeat === 3 && input.previous !== undefined) return null;
  let path = touches
    .map(([id, time, seq, channel, isView, stages = 0]) => ({ id, time, seq, channel, stages, window: isView ? view : click }))
    .filter((touch) => touch.time <= t)
    .filter((touch) => !(input.repeat === 2 && input.previous !== undefined && touch.time <= input.previous))
    .sort((a, b) => a.time - b.time || a.seq - b.seq || a.id - b.id);
  let anchor = t;
  path = path
    .reverse()
    .filter((touch) => {
      const isIn = anchor - touch.time <= touch.window;
      if (isIn && input.lookback === 2) anchor = touch.time;
      return isIn;
    })
    .reverse();
  if (!seesDirect && input.direct !== 2 && path.some(({ channel }) => channel !== "direct")) {
    path = path.filter(({ channel }) => channel !== "direct");
  }
  if (input.collapse === 2 || input.collapse === 3) {
    const kept = [];
    for (const touch of path) {
      const same = input.collapse === 3 ? kept.find(({ channel }) => channel === touch.channel) : kept.at(-1);
      if (same?.channel === touch.channel) same.time = touch.time;
      else kept.push({ ...touch });
    }
    path = kept;
  }
  return path.slice(-500);
}

// The position that holds a milestone: the last touch of the path up to the newest one that reached it.
function holderOf(stage, path, { t, touches }) {
  const before = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  const reached = touches
    .filter((touch) => touch[1] <= t && touch[5] & stage)
    .map(([id, time, seq]) => [time, seq, id])
    .sort(before)
    .at(-1);
  if (reached === undefined) return -1;
  const first = (id) => touches.find((touch) => touch[0] === id);
  return path.findLastIndex(({ id }) => before([first(id)[1], first(id)[2], id], reached) <= 0);
}

function milestoneWeights(path, input, hasClose, [share, other]) {
  const holders = [0, holderOf(1, path, input), holderOf(2, path, input)];
  if (hasClose) holders.push(path.length - 1);
  const held = path.map((_, i) => holders.filter((holder) => holder === i).length);
  const others = held.filter((count) => count === 0).length;
  // Shares in a common unit: share each, other divided among the others.
  return held.map((count) => BigInt(count === 0 ? other : count * share * Math.max(1, others)));
}

function largestRemainder(amount, weights) {
  const whole = amount < 0n ? -amount : amount;
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const shares = weights.map((weight) => (whole * weight) / total);
  const rest = weights.map((weight, i) => [(whole * weight) % total, i]);
  rest.sort(([a, i], [b, k]) => (a === b ? i - k : a < b ? 1 : -1));
  let left = whole - shares.reduce((sum, share) => sum + share, 0n);
  for (const [, i] of rest) if (left-- > 0n) shares[i] += 1n;
  return shares.map((share) => (amount < 0n ? -share : share));
}

const kPositions = { position_u: [2, 1, 2], position_j: [1, 1, 3], position_inv_j: [3, 1, 1] };

// Integer weights of the models without a curve; null for time decay.
function weightsOf(model, path, input) {
  const n = path.length;
  const one = (position) => path.map((_, i) => (i === position ? 1n : 0n));
  if (model === "first_touch") return one(0);
  if (model === "last_touch") return one(n - 1);
  if (model === "last_non_direct") {
    const position = path.map(({ channel }) => channel !== "direct").lastIndexOf(true);
    return one(position < 0 ? n - 1 : position);
  }
  if (model === "linear") return path.map(() => 1n);
  if (model === "w_shaped") return milestoneWeights(path, input, false, [3, 1]);
  if (model === "full_path") return milestoneWeights(path, input, true, [9, 4]);
  if (model === "shapley") return path.map(({ channel }, i) => (path.findIndex((other) => other.channel === channel) === i ? 1n : 0n));
  if (model.startsWith("time_decay")) return null;
  let [first, middle, last] = kPositions[model] ?? model.match(/\d+/g).map(Number);
  if (n === 1) return [1n];
  if (n === 2 && first + last === 0) [first, last] = [1, 1];
  const scale = n === 2 ? 1 : n - 2;
  return path.map((_, i) => BigInt(i === 0 ? first * scale : i === n - 1 ? last * scale : middle));
}

function checkModel(input, out) {
  if (out.error !== undefined) return 0;
  const path = pathOf(input, out.model === "last_non_direct");
  const value = BigInt(input.value);
  if (path === null || path.length === 0) {
    assert.deepEqual(out.credits, path === null ? [] : [[null, input.value, 1000000]]);
    return 1;
  }
  assert.deepEqual(out.credits.map(([id]) => id), path.map(({ id }) => id));
  const values = out.credits.map(([, share]) => BigInt(share));
  if (out.model === "participation") {
    const firsts = weightsOf("shapley", path);
    assert.deepEqual(values, firsts.map((first) => first * value));
    assert.deepEqual(out.credits.map(([, , micro]) => BigInt(micro)), firsts.map((first) => first * 1000000n));
    return 1;
  }
  assert.equal(values.reduce((sum, share) => sum + share, 0n), value);
  assert.equal(out.credits.reduce((sum, [, , micro]) => sum + micro, 0), 1000000);
  const weights = weightsOf(out.model, path, input);
  if (weights !== null) {
    assert.deepEqual(values, largestRemainder(value, weights));
    assert.deepEqual(out.credits.map(([, , micro]) => BigInt(micro)), largestRemainder(1000000n, weights));
    return 1;
  }
  const [, name, number] = out.model.match(/:(\w+)=(\d+)/);
  const tau = name === "tau_ms" ? Number(number) : Number(number) / Math.LN2;
  const newest = Math.max(...path.map(({ time }) => time));
  const curve = path.map(({ time }) => Math.exp((time - newest) / tau));
  const sum = curve.reduce((a, b) => a + b, 0);
  out.credits.forEach(([, , micro], i) => assert.ok(Math.abs(micro - (1e6 * curve[i]) / sum) <= 1));
  return 1;
}

const double = (bits) => new Float64Array(BigUint64Array.of(BigInt(bits)).buffer)[0];

// Within 1e-15 of the C library's exp.
function checkExp({ x }, out) {
  const argument = double(x);
  if (!(argument >= -708)) return 0;
  const expected = Math.exp(argument);
  assert.ok(Math.abs(double(out.bits) - expected) <= 1e-15 * expected);
  return 1;
}

// Fractions of big integers: [numerator, denominator > 0].
const kZero = [0n, 1n];
function fraction(numerator, denominator) {
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return [numerator / (a || 1n), denominator / (a || 1n)];
}
const minus = ([a, b], [c, d]) => fraction(a * d - c * b, b * d);
const times = ([a, b], [c, d]) => fraction(a * c, b * d);
const over = ([a, b], [c, d]) => (c < 0n ? fraction(-a * d, b * -c) : fraction(a * d, b * c));
// To 60 binary digits, rounded once more by Number.
const numberOf = ([a, b]) => Number((a << 1100n) / b) / 2 ** 1000 / 2 ** 100;

// What a walk from start earns when it ends, exactly: counts by window, the windows that hold `removed`
// worth nothing, eliminated by Gauss. Rewards: 1 a conversion, or its value in hundredths.
function earned({ order, paths }, removed, isValue) {
  const flow = new Map();
  const reward = new Map();
  const add = (map, key, count) => map.set(key, (map.get(key) ?? 0n) + count);
  const rows = new Map();
  for (const [letters, conversions, nulls, value] of paths) {
    const length = Math.min(order, letters.length);
    const count = BigInt(conversions + nulls);
    let from = "";
    for (let i = 0; i + length <= letters.length; ++i) {
      const window = letters.slice(i, i + length);
      if (window === from) continue;
      if (!rows.has(from)) rows.set(from, new Map());
      add(rows.get(from), window, count);
      add(flow, from, count);
      from = window;
    }
    add(flow, from, count);
    add(reward, from, isValue ? BigInt(Math.round(value * 100)) : BigInt(conversions));
  }
  const states = [...flow.keys()].filter((state) => flow.get(state) > 0n && (removed === null || !state.includes(removed)));
  const matrix = states.map((state) => [
    ...states.map((to) => minus(to === state ? [1n, 1n] : kZero, fraction(rows.get(state)?.get(to) ?? 0n, flow.get(state)))),
    fraction(reward.get(state) ?? 0n, flow.get(state)),
  ]);
  for (let k = 0; k < states.length; ++k) {
    const pivot = matrix.findIndex((row, i) => i >= k && row[k][0] !== 0n);
    [matrix[k], matrix[pivot]] = [matrix[pivot], matrix[k]];
    matrix[k] = matrix[k].map((cell, j) => (j >= k ? over(cell, matrix[k][k]) : cell));
    matrix.forEach((row, i) => {
      if (i === k || row[k][0] === 0n) return;
      const factor = row[k];
      for (let j = k; j <= states.length; ++j) if (matrix[k][j][0] !== 0n) row[j] = minus(row[j], times(factor, matrix[k][j]));
    });
  }
  return matrix[states.indexOf("")][states.length];
}

function checkMarkov(input, out) {
  if (out.error !== undefined) {
    assert.equal(out.error, "no_conversions");
    assert.ok(input.paths.every(([, conversions]) => conversions === 0));
    return 1;
  }
  const close = (actual, exact) => assert.ok(Math.abs(double(actual) - numberOf(exact)) <= 1e-12 * Math.abs(numberOf(exact)), `${double(actual)} is not ${numberOf(exact)}`);
  const sum = (index) => input.paths.reduce((total, path) => total + BigInt(path[index]), 0n);
  const whole = earned(input, null, false);
  const wholeValue = earned(input, null, true);
  assert.deepEqual(whole, fraction(sum(1), sum(1) + sum(2)));
  close(out.p_conversion, whole);
  close(out.expected_value, over(wholeValue, [100n, 1n]));
  const effects = [..."abcdef".slice(0, input.channels)].map((channel, i) => {
    const effect = minus([1n, 1n], over(earned(input, channel, false), whole));
    close(out.effects[i], effect);
    const ofValue = wholeValue[0] === 0n ? kZero : minus([1n, 1n], over(earned(input, channel, true), wholeValue));
    close(out.value_effects[i], ofValue);
    return effect;
  });
  const weights = effects.map(([a, b]) => (a << 40n) / b);
  const credits = out.credits.map(BigInt);
  assert.equal(credits.reduce((total, credit) => total + credit, 0n), BigInt(input.amount));
  // The weights are rounded to 2^-40, so shares may be off by that part of the amount, and by one.
  largestRemainder(BigInt(input.amount), weights).forEach((share, i) => {
    const off = credits[i] - share;
    const allowed = 1n + (BigInt(input.amount) < 0n ? -BigInt(input.amount) : BigInt(input.amount)) / (1n << 36n);
    assert.ok(off <= allowed && -off <= allowed, `credit ${i}`);
  });
  return 1;
}

const kChecks = { decide: checkDecide, touch: checkTouch, token: checkToken, coarse_token: checkCoarseToken, decorate: checkDecorate, contact: checkContact,
  order_event_id: checkOrderEventId, model: checkModel, exp: checkExp, markov: checkMarkov };

const counts = {};
for (const name of vectorFiles()) {
  readFileSync(join(directory, name), "utf8").trimEnd().split("\n").forEach((line, index) => {
    const { op, in: input, out } = JSON.parse(line);
    if (kChecks[op] === undefined) return;
    try {
      counts[op] = (counts[op] ?? 0) + kChecks[op](input, out);
    } catch (error) {
      console.error(`${name}:${index + 1} ${error.message}`);
      process.exitCode = 1;
    }
  });
}
console.log(Object.entries(counts).map(([op, count]) => `${op} ${count}`).join(", "));
