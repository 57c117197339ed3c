// SPDX-License-Identifier: Apache-2.0
// The sound of the demo film: swell (filtered noise), a slow chord and a bell for each turn of the
// lamp. Synthesised sample by sample; returns 16-bit stereo PCM.

const RATE = 48000;

function pad(t, from, to, notes) {
  const level = Math.min(1, Math.max(0, (t - from) / 2.5)) * Math.min(1, Math.max(0, (to - t) / 2.5));
  if (level <= 0) return 0;
  let sum = 0;
  for (const f of notes) {
    sum += Math.sin(2 * Math.PI * f * t) + 0.6 * Math.sin(2 * Math.PI * f * 1.003 * t) + 0.18 * Math.sin(4 * Math.PI * f * t);
  }
  return (level * sum) / notes.length;
}

function bell(t, at, f) {
  const age = t - at;
  if (age < 0 || age > 5) return 0;
  const index = 2.2 * Math.exp(-age * 2.4);
  return Math.exp(-age * 1.1) * Math.sin(2 * Math.PI * f * age + index * Math.sin(2 * Math.PI * f * 2.76 * age));
}

export function synthesise(seconds, bellTimes) {
  const frames = Math.round(seconds * RATE);
  const pcm = Buffer.alloc(frames * 4);
  let seed = 20260101, low = [0, 0], mid = [0, 0];
  const white = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2147483648 - 1);
  for (let i = 0; i < frames; i++) {
    const t = i / RATE;
    const fade = Math.min(1, t / 1.5) * Math.min(1, (seconds - t) / 2.5);
    const chord =
      pad(t, 0.5, 9.5, [73.42, 110, 146.83, 220]) + pad(t, 8, 17, [65.41, 98, 164.81, 196]) +
      pad(t, 15.5, seconds, [73.42, 110, 185, 293.66]);
    let ring = 0;
    bellTimes.forEach((at, k) => { ring += bell(t, at, [440, 587.33, 493.88, 659.26][k % 4]); });
    for (let c = 0; c < 2; c++) {
      const swell = 0.5 + 0.5 * Math.sin(2 * Math.PI * (t / 5.5 + c * 0.17));
      const w = white();
      low[c] += (w - low[c]) * 0.018;
      mid[c] += (w - mid[c]) * (0.05 + 0.12 * swell);
      const sea = low[c] * 1.1 + mid[c] * 0.16 * swell * swell;
      const v = fade * (sea * 0.9 + chord * 0.075 + ring * 0.05);
      pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, v)) * 32000), i * 4 + c * 2);
    }
  }
  return { pcm, rate: RATE };
}
