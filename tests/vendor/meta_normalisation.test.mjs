// SPDX-License-Identifier: Apache-2.0
// Meta's own SDK normalises and hashes some thousand values, ordinary and nasty; our reference layer
// must give the same hash, the same null and refuse where it throws. Our cleaned values must pass
// through the SDK unchanged.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { deliveryLines } from "./delivery_lines.mjs";

const require = createRequire(import.meta.url);
const sdk = require("facebook-nodejs-business-sdk/dist/cjs.js");

// The SDK keeps its normaliser to itself: it is reached through the setters of UserData.
const setters = {
  em: "setEmails", ph: "setPhones", fn: "setFirstNames", ln: "setLastNames", db: "setDatesOfBirth", ge: "setGenders",
  ct: "setCities", st: "setStates", zp: "setZips", country: "setCountries", f5first: "setF5First", f5last: "setF5Last",
  fi: "setFi", dobd: "setDobd", dobm: "setDobm", doby: "setDoby",
};

const takesList = new Set(["em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country"]);

function sdkHash(key, value) {
  const user = new sdk.UserData();
  user[setters[key]](takesList.has(key) ? [value] : value);
  try {
    const sent = user.normalize()[key];
    return { hash: (Array.isArray(sent) ? sent[0] : sent) ?? null };
  } catch {
    return { throws: true };
  }
}

// A seeded generator (mulberry32): the same values in every run.
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const texts = [
  "", " ", "\u00a0\ufeff", "x", "  Kim.Lee+Shop@Gmail.com ", "John_Smith@gmail.com", "käthe@firma.example", "a@b.c", "a@b.co", "a..b@c.de",
  "a.@c.de", ".a@c.de", "`a@c.de", "a`b@c.de", "a@-c.de", "a@c-.de", "a@c.d-e", "a@c.d--e", "a@c.1de", "a@c..de", "a@@c.de", "a@c.de.",
  "a@b-.-c.de", `${"l".repeat(64)}@c.de`, `${"l".repeat(65)}@c.de`, `a@${"d".repeat(63)}.de`, `a@${"d".repeat(64)}.de`,
  `a@${"d.".repeat(124)}de`, `a@${"d.".repeat(126)}de`, "İstanbul@x.de", "K@x.de",
  "(650)555-1212", "+1 650 555 1212", "001 650 555 1212", "00351912345678", "912 345 678", "202.555.0143", "+43 (0) 660 1234567", "12345678",
  "1234567", "123456", "0123456789", "00 0 123 4567", "1234567890123456", "12345678901234567", "+420/602/123/456", "602\u00a0123\u00a0456", "ext 5 123 4567",
  "٠١٢٣٤٥٦٧", "1-650-555-121", "1234567890", "++123#456<7>890'\"", "0000000000", "00112345678901",
  "Mary", "Valéry", "정", "Anne-Lise", "ÅSA", "D'Amico", "O’Neil", "ΟΔΥΣΣΕΥΣ", "ΑΣ.Β", "ΣΑΣ Σ", "Σ", "AΣ", "AΣ\u0301", "Ǆ", "Ⅷ", "ẞ", "e\u0301", "é", "𝒜𝒷𝒸", "a😀bcd", "abcd😀", "🏳️",
  "f", "M", "Female", "male", "girl", "fe-male", "m.", "女", "none",
  "São Luís", "New York 2", "123 ()", "St. John's", "x\u2003y", "München", "Aix-en-Provence", "東京",
  "Texas", "tx", "Noord-Holland", "EC2A 4NE", "94025-1234", "9", "9-1", "-12", "M1 1AE", "1000\u2028001", "12", "１２",
  "us", "US", "Japan", "jp", "UK", "XK", "EU", "SS", "ß", "ſs", "ıt", "ﬁ", "ﬆ", "u s", "usa",
  "1990-05-07", "19900507", "7", "07", "31", "32", "0", "-1", "+7", "0x1f", "0x20", "1e1", "12", "13", "x", "1990", "90", "19901", "１９９０",
  "a".repeat(64), "A".repeat(64), "g".repeat(64), "0".repeat(32), "F".repeat(32), "f".repeat(63), ` ${"ab".repeat(32)} `, "e".repeat(300),
];

function generated(count) {
  const random = generator(20261121);
  const alphabet = [..."abzABZ019 .-+()@#<>'\",;_/\\\t\u00a0\u2003\u3000éÉßİıΣσςЖ正😀\u0301\u200d"];
  const pick = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: count }, () => {
    const parts = Array.from({ length: 1 + Math.floor(random() * 14) }, () => pick(alphabet));
    return random() < 0.2 ? `${parts.slice(0, 6).join("")}@${pick(["a-b.de", "x.y.zz", "K.com", "a.b"])}` : parts.join("");
  });
}

test("our reference layer is Meta's own, value by value", () => {
  const values = [...texts, ...generated(400)];
  const cases = Object.keys(setters).flatMap((key) => values.map((value) => ({ key, value })));
  const ours = deliveryLines("normalise", cases);
  let compared = 0;
  cases.forEach(({ key, value }, index) => {
    const theirs = sdkHash(key, value);
    const mine = ours[index];
    const where = `${key} ${JSON.stringify(value)}`;
    if (theirs.throws) assert.ok(mine.error, `${where}: the SDK throws, we do not`);
    else assert.equal(mine.reference?.sha256 ?? (mine.error ? "threw" : null), theirs.hash, where);
    compared++;
  });
  assert.ok(compared > 5000);
});

test("what we send passes through Meta's own layer unchanged", () => {
  const values = [...texts, ...generated(400)];
  const keys = ["em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country"];
  const cases = keys.flatMap((key) => values.map((value) => ({ key, value, country: "US" })));
  deliveryLines("normalise", cases).forEach((mine, index) => {
    if (mine.sent.text === null) return;
    const theirs = sdkHash(cases[index].key, mine.sent.text);
    assert.equal(theirs.hash, mine.sent.sha256, `${cases[index].key} ${JSON.stringify(cases[index].value)}`);
    assert.notEqual(mine.sent.text, "");
  });
});

// Letters and marks that came, or changed their category, after Unicode 15, which is what utf8proc 2.8
// knows (Unicode 17 DerivedAge.txt).
const later = [
  "295 897 1acf-1add 1ae0-1aeb 1c89-1c8a a7cb-a7cf a7d2 a7d4 a7da-a7dc a7f1 10d4e 10d50-10d65 10d69-10d6d 10d6f-10d85 10ec5 10efa-10efc " +
  "113bb-113c0 113ce 113d0 113d2 113e1-113e2 1171e 11b60 11b62-11b64 11b66 11dd9 11f5a 1611e-16129 1612d-1612f 16d40-16d42 " +
  "16d6b-16d6c 16ea0-16eb8 16ebb-16ed3 16ff2-16ff3 1e5ee-1e5ef 1e6e3 1e6e6 1e6ee-1e6ef 1e6f5 1e6ff",
].join("").trim().split(" ").map((range) => range.split("-").map((hex) => parseInt(hex, 16)));
const isLater = (code) => later.some(([from, to = from]) => code >= from && code <= to);

test("lower-casing agrees with Node on every code point and around sigmas", () => {
  const values = [];
  for (let code = 1; code < 0x20000; code++) {
    if ((code >= 0xd800 && code <= 0xdfff) || isLater(code)) continue;
    const letter = String.fromCodePoint(code);
    values.push(letter, `A${letter}Σ`, `AΣ${letter}B`);
  }
  const different = [];
  deliveryLines("lower", values).forEach((mine, index) => {
    if (mine !== values[index].toLowerCase()) different.push([...values[index]].map((c) => c.codePointAt(0).toString(16)).join(" "));
  });
  assert.deepEqual(different, []);
});
