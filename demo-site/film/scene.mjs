// SPDX-License-Identifier: Apache-2.0
// The scene of the demo film: a headland with a lighthouse above a sea, drawn as one function of
// (pixel, time of day, lamp angle). No image, font or recording goes in; everything is arithmetic.
// World units: the picture is 2 high at zoom 1, y grows downwards, the horizon lies at y = 0.12.

const HORIZON = 0.12;
export const LAMP = { x: 0.9, y: -0.405 };

const mix = (a, b, t) => a + (b - a) * t;
const mix3 = (a, b, t) => [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)];
const clamp01 = (v) => (v < 0 ? 0 : v > 1 ? 1 : v);
export const smooth = (from, to, v) => {
  const t = clamp01((v - from) / (to - from));
  return t * t * (3 - 2 * t);
};

// A repeatable pseudo-random number in [0, 1) for integer coordinates.
function hash(x, y) {
  let h = Math.imul(x | 0, 374761393) ^ Math.imul(y | 0, 668265263);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

function noise(x, y) {
  const xi = Math.floor(x), yi = Math.floor(y);
  const u = (x - xi) * (x - xi) * (3 - 2 * (x - xi));
  const v = (y - yi) * (y - yi) * (3 - 2 * (y - yi));
  return mix(mix(hash(xi, yi), hash(xi + 1, yi), u), mix(hash(xi, yi + 1), hash(xi + 1, yi + 1), u), v);
}

// Sky colours from the zenith to the horizon, at dusk (0), night (1) and dawn (2).
const SKY = [
  [[26, 34, 66], [92, 78, 112], [236, 140, 92]],
  [[5, 9, 24], [12, 22, 46], [30, 48, 78]],
  [[48, 74, 118], [150, 142, 168], [252, 196, 142]],
];

function palette(day) {
  const from = day < 1 ? SKY[0] : SKY[1];
  const to = day < 1 ? SKY[1] : SKY[2];
  const t = smooth(0, 1, day < 1 ? day : day - 1);
  return [mix3(from[0], to[0], t), mix3(from[1], to[1], t), mix3(from[2], to[2], t)];
}

function gradient(colours, t) {
  return t < 0.55 ? mix3(colours[0], colours[1], t / 0.55) : mix3(colours[1], colours[2], (t - 0.55) / 0.45);
}

const STARS = Array.from({ length: 170 }, (_, i) => ({
  x: hash(i, 11) * 4.4 - 2.2,
  y: HORIZON - 0.08 - Math.pow(hash(i, 12), 0.8) * 1.1,
  size: 0.0022 + hash(i, 13) * 0.0028,
  glow: 0.35 + hash(i, 14) * 0.65,
  phase: hash(i, 15) * 6.28,
}));

// The height of the land above x; a value below the horizon means there is none.
function headland(x) {
  const rise = smooth(0.28, 0.86, x) * 0.3 + smooth(1.2, 2.2, x) * 0.14;
  const edge = smooth(0.22, 0.34, x);
  return HORIZON + 0.035 - edge * (rise + 0.02 + noise(x * 9, 4) * 0.028 + noise(x * 31, 9) * 0.01);
}

function farHills(x) {
  return HORIZON - 0.018 - noise(x * 2.2 + 7, 1) * 0.055 * smooth(0.9, -1.6, x) - noise(x * 9, 3) * 0.008;
}

// The cottages on the slope as [x, width]; every one has up to two windows, and each window is lit
// from `from` (0..1) on: the town lights up as the film goes.
const HOUSES = [
  [0.44, 0.05], [0.505, 0.06], [0.575, 0.05], [0.64, 0.066], [0.71, 0.054], [1.16, 0.06], [1.24, 0.07], [1.35, 0.058],
  [1.44, 0.064],
];
const WINDOWS = HOUSES.flatMap(([x, w], i) => [-0.2, 0.2].map((side, k) => ({
  x: x + side * w, y: headland(x) - w * 0.32, from: hash(i, 33 + k),
})));

function houseAt(x, y) {
  for (const [hx, w] of HOUSES) {
    const dx = Math.abs(x - hx);
    if (dx > w / 2) continue;
    const base = headland(hx) + 0.02;
    const roof = base - w * 0.72 - (w / 2 - dx) * 0.75;
    if (y < base && y > roof) return true;
  }
  return false;
}

// The tower as [half width at y]; returns the material: 0 none, 1 wall, 2 band, 3 lamp room, 4 iron.
function tower(x, y) {
  const dx = Math.abs(x - LAMP.x);
  const top = LAMP.y, foot = headland(LAMP.x) + 0.012;
  if (dx > 0.07) return 0;
  if (y > top + 0.03 && y < foot) {
    const half = mix(0.027, 0.046, (y - top) / (foot - top));
    if (dx < half) return (y > -0.29 && y < -0.215) ? 2 : 1;
  }
  if (y > top + 0.018 && y <= top + 0.03 && dx < 0.04) return 4;
  if (y > top - 0.026 && y <= top + 0.018 && dx < 0.021) return 3;
  if (y > top - 0.062 && y <= top - 0.026 && dx < 0.026 * Math.sqrt(clamp01((y - top + 0.062) / 0.036))) return 4;
  if (y > top - 0.085 && y <= top - 0.06 && dx < 0.0025) return 4;
  return 0;
}

function boat(x, y, at) {
  const u = (x - at) / 0.05, v = (y - (HORIZON + 0.12)) / 0.05;
  if (v > -0.05 && v < 0.28 && Math.abs(u) < 1 - v * 0.9) return true;
  if (v > -1.5 && v <= -0.05 && Math.abs(u) < 0.035) return true;
  return v > -1.4 && v <= -0.12 && u > 0.08 && u < 0.72 * (v + 1.4) / 1.28;
}

// Paints one frame into `out` (RGB, 8 bits) and returns it. shot: {day, lit, angle, lamp, boatX, cx,
// cy, zoom, seconds}; `angle` is the lamp's, 0 = towards the right, a quarter turn = towards us.
export function paint(out, width, height, shot) {
  const { day, lit, angle, lamp, boatX, cx, cy, zoom, seconds } = shot;
  const colours = palette(day);
  const night = 1 - Math.abs(day - 1);
  const unit = 2 / height / zoom;
  const facing = Math.max(0, Math.sin(angle));
  const reach = Math.cos(angle);
  const flash = lamp * Math.pow(facing, 14);
  const land = mix3([14, 14, 22], [8, 10, 18], night);
  const moon = { x: -0.95, y: -0.56 };
  const stars = STARS.map((s) => ({ ...s, now: s.glow * (0.7 + 0.3 * Math.sin(seconds * 2 + s.phase)) * night }));
  let p = 0;
  for (let py = 0; py < height; py++) {
    const y = (py - height / 2) * unit + cy;
    const above = y < HORIZON;
    const sky = gradient(colours, clamp01((y + 1) / (HORIZON + 1)));
    const mirror = gradient(colours, clamp01(1 - (y - HORIZON) * 1.15));
    const rowStars = above ? stars.filter((s) => Math.abs(s.y - y) < 0.012) : [];
    for (let px = 0; px < width; px++) {
      const x = (px - width / 2) * unit + cx;
      let r, g, b;
      if (above) {
        [r, g, b] = sky;
        const cloud = smooth(0.52, 0.85, noise(x * 1.3 + seconds * 0.02, y * 7) * 0.7 + noise(x * 4 + 3, y * 16) * 0.3);
        const warm = (1 - night) * 34 * cloud * clamp01((y + 0.7) / 0.8);
        r += warm; g += warm * 0.55; b += warm * 0.5;
        for (const s of rowStars) {
          const d = ((x - s.x) ** 2 + (y - s.y) ** 2) / (s.size * s.size);
          if (d < 9) { const a = s.now * 190 * Math.exp(-d); r += a; g += a; b += a; }
        }
        const md = Math.hypot(x - moon.x, y - moon.y);
        if (md < 0.6) {
          const disc = smooth(0.064, 0.058, md) * (0.86 + 0.14 * noise(x * 40, y * 40));
          const glow = Math.exp(-md * 7) * 0.3;
          const a = night * (disc * 215 + glow * 90);
          r += a; g += a * 0.97; b += a * 0.86;
        }
        if (y > farHills(x)) { r = r * 0.42 + 8; g = g * 0.44 + 9; b = b * 0.5 + 14; }
      } else {
        const depth = 1 / (y - HORIZON + 0.018);
        const swell = Math.sin(depth * 5.5 - seconds * 1.1 + x * 2.2) * 0.5 + Math.sin(depth * 2.3 + seconds * 0.8 - x * 3.1) * 0.5;
        const chop = noise(x * depth * 2.1 + seconds * 0.5, depth * 6 - seconds * 1.3);
        const shade = 0.62 + swell * 0.06 + (chop - 0.5) * 0.2;
        r = mirror[0] * shade; g = mirror[1] * shade; b = mirror[2] * (shade + 0.04);
        const column = Math.exp(-(((x - moon.x) / (0.05 + (y - HORIZON) * 0.3)) ** 2));
        const spark = smooth(0.5, 0.82, chop) * column * night;
        r += spark * 150; g += spark * 148; b += spark * 132;
        const track = Math.exp(-(((x - LAMP.x + 0.5) / (0.12 + (y - HORIZON) * 0.5)) ** 2));
        const shine = smooth(0.45, 0.8, chop) * track * lamp * (0.25 + flash * 1.6);
        r += shine * 170; g += shine * 134; b += shine * 74;
      }
      const solid = tower(x, y);
      if (y > headland(x) && x > 0.22 && y < HORIZON + 0.05 + noise(x * 12, 5) * 0.03) {
        const rim = smooth(0.018, 0, y - headland(x)) * 14 * (1 + lamp);
        r = land[0] + rim; g = land[1] + rim * 0.85; b = land[2] + rim * 0.8;
      }
      if (houseAt(x, y)) [r, g, b] = [land[0] + 7, land[1] + 6, land[2] + 8];
      if (solid === 1) {
        const round = 0.55 + 0.45 * Math.cos(((x - LAMP.x) / 0.04) * 1.2 + 0.6);
        const base = mix(150, 84, night) * round;
        r = base * 1.02; g = base * 0.97; b = base * 0.98;
      } else if (solid === 2) {
        const round = 0.5 + 0.5 * Math.cos(((x - LAMP.x) / 0.04) * 1.2 + 0.6);
        r = mix(150, 92, night) * round; g = 40 * round; b = 38 * round;
      } else if (solid === 4) {
        [r, g, b] = [16, 16, 22];
      } else if (solid === 3) {
        r = mix(44, 255, lamp); g = mix(40, 232, lamp); b = mix(46, 178, lamp);
      }
      for (const w of WINDOWS) {
        if (w.from > lit) continue;
        const dx = x - w.x, dy = y - w.y;
        if (dx > 0.03 || dx < -0.03 || dy > 0.03 || dy < -0.03) continue;
        const on = smooth(0, 0.04, lit - w.from);
        if (Math.abs(dx) < 0.0048 && Math.abs(dy) < 0.0065) { r = mix(r, 255, on); g = mix(g, 204, on); b = mix(b, 118, on); }
        const halo = Math.exp(-(dx * dx + dy * dy) * 9000) * 60 * on;
        r += halo; g += halo * 0.7; b += halo * 0.3;
      }
      if (boat(x, y, boatX)) { r *= 0.2; g *= 0.2; b *= 0.24; }
      const lantern = Math.exp(-((x - boatX + 0.004) ** 2 + (y - HORIZON - 0.055) ** 2) * 9000);
      r += lantern * 230; g += lantern * 170; b += lantern * 80;

      // Light in the air: the two arms of the beam, and the glow of the lamp itself.
      const lx = x - LAMP.x, ly = y - LAMP.y;
      const dist = Math.hypot(lx, ly) + 1e-6;
      if (lamp > 0 && y < HORIZON + 0.02) {
        const arm = Math.abs(reach);
        const across = Math.abs(ly / (Math.abs(lx) + 0.012) + 0.02);
        const side = lx * reach > 0 ? 1 : 0.5;
        const width2 = 0.05 + facing * 0.05;
        const beam = Math.exp(-((across / width2) ** 2)) * arm * side * Math.exp(-dist * 0.85) * smooth(0, 0.08, dist);
        const a = beam * lamp * 128 * (0.35 + 0.65 * night);
        r += a; g += a * 0.9; b += a * 0.66;
      }
      const glow = lamp * (Math.exp(-dist * 22) * 150 + Math.exp(-dist * 5) * (16 + flash * 150));
      r += glow; g += glow * 0.86; b += glow * 0.58;

      const vx = px / width - 0.5, vy = py / height - 0.5;
      const vignette = 1 - (vx * vx + vy * vy) * 0.62;
      const dither = hash(px, py) - 0.5;
      out[p++] = Math.max(0, Math.min(255, r * vignette + dither));
      out[p++] = Math.max(0, Math.min(255, g * vignette + dither));
      out[p++] = Math.max(0, Math.min(255, b * vignette + dither));
    }
  }
  return out;
}
