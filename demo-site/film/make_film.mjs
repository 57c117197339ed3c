// SPDX-License-Identifier: Apache-2.0
// Makes the demo film and the site's pictures out of scene.mjs and sound.mjs: 24 seconds, three
// shots, VP9 and Opus in WebM. Needs ffmpeg; run `node make_film.mjs` in this folder (about three
// minutes on two cores). The results are small and committed under ../site/media, so nothing else
// ever needs to run this.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { paint, smooth } from "./scene.mjs";
import { synthesise } from "./sound.mjs";

const WIDTH = 960, HEIGHT = 540, FPS = 24, SECONDS = 24;
const media = fileURLToPath(new URL("../site/media/", import.meta.url));
const font = fileURLToPath(new URL("../site/fonts/instrument-serif-latin-400-normal.woff2", import.meta.url));
const mix = (a, b, t) => a + (b - a) * t;

// The three shots: dusk and the lamp is lit; the tower at night; the coast until dawn.
function shotAt(seconds) {
  const t = seconds / SECONDS;
  const angle = 0.4 + seconds * 1.05;
  const common = { seconds, angle, lit: t * 1.15, boatX: mix(-1.15, 0.75, t) };
  if (seconds < 8.5) {
    const u = seconds / 8.5;
    return { ...common, day: 0.55 * u * u, lamp: smooth(2.6, 4.2, seconds), cx: mix(0, 0.1, u), cy: -0.22, zoom: mix(1.06, 1.16, u) };
  }
  if (seconds < 16) {
    const u = (seconds - 8.5) / 7.5;
    return { ...common, day: 1, lamp: 1, cx: mix(0.52, 0.66, u), cy: mix(-0.2, -0.26, u), zoom: mix(1.75, 1.95, u) };
  }
  const u = (seconds - 16) / 8;
  return { ...common, day: mix(1.1, 1.85, smooth(0, 1, u)), lamp: 1, cx: mix(0.22, 0.1, u), cy: -0.22, zoom: mix(1.24, 1.08, u) };
}

// Shots dip through black for a third of a second, the film opens from it and closes into it.
function exposure(seconds) {
  const cut = Math.min(Math.abs(seconds - 8.5), Math.abs(seconds - 16));
  return smooth(0, 0.34, cut) * smooth(0, 1, seconds) * smooth(SECONDS, SECONDS - 1, seconds);
}

const title = (text, size, y, from, to) =>
  `drawtext=fontfile='${font}':text='${text}':fontsize=${size}:fontcolor=0xF6EBD8:x=(w-tw)/2:y=${y}:` +
  `alpha='if(lt(t,${from}),0,if(lt(t,${from + 1}),t-${from},if(lt(t,${to - 1}),1,if(lt(t,${to}),${to}-t,0))))'`;

async function makeFilm(folder) {
  const bells = [];
  for (let s = 3; s < SECONDS - 2; s += (2 * Math.PI) / 1.05) bells.push(s);
  const { pcm, rate } = synthesise(SECONDS, bells);
  const sound = join(folder, "sound.pcm");
  writeFileSync(sound, pcm);
  const titles = [
    title("The Long Light", 84, "h*0.20", 4.6, 8.2), title("Kept burning by the people who watch it", 34, "h*0.17", 18, 23.4),
  ].join(",");
  const encoder = spawn("ffmpeg", [
    "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${WIDTH}x${HEIGHT}`, "-r", String(FPS), "-i", "-",
    "-f", "s16le", "-ar", String(rate), "-ac", "2", "-i", sound, "-vf", `${titles},format=yuv420p`,
    "-c:v", "libvpx-vp9", "-b:v", "0", "-crf", "48", "-deadline", "good", "-cpu-used", "2", "-g", "96", "-row-mt", "1",
    "-c:a", "libopus", "-b:a", "40k", "-map_metadata", "-1", "-fflags", "+bitexact", join(media, "the-long-light.webm"),
  ], { stdio: ["pipe", "inherit", "inherit"] });
  const done = once(encoder, "exit");
  for (let i = 0; i < FPS * SECONDS; i++) {
    const seconds = i / FPS;
    const frame = paint(Buffer.alloc(WIDTH * HEIGHT * 3), WIDTH, HEIGHT, shotAt(seconds));
    const light = exposure(seconds);
    if (light < 1) for (let k = 0; k < frame.length; k++) frame[k] *= light;
    if (!encoder.stdin.write(frame)) await once(encoder.stdin, "drain");
  }
  encoder.stdin.end();
  const [code] = await done;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

function makePicture(name, width, height, shot, quality = "76") {
  const frame = paint(Buffer.alloc(width * height * 3), width, height, shot);
  const { status } = spawnSync("ffmpeg", [
    "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${width}x${height}`, "-i", "-",
    "-c:v", "libwebp", "-quality", quality, "-map_metadata", "-1", join(media, name),
  ], { input: frame, stdio: ["pipe", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`ffmpeg could not write ${name}`);
}

const base = { lamp: 1, lit: 1, seconds: 12 };
makePicture("hero.webp", 1920, 1080, { ...base, day: 0.46, angle: 2.75, boatX: -0.62, cx: -0.1, cy: -0.06, zoom: 1.08 });
makePicture("hero-tall.webp", 900, 1300, { ...base, day: 0.46, angle: 2.75, boatX: 0.42, cx: 0.72, cy: -0.2, zoom: 1.08 });
makePicture("poster.webp", 1280, 720, { ...base, day: 0.5, angle: 1.35, boatX: -0.3, cx: 0.12, cy: -0.22, zoom: 1.16 });
makePicture("card-light.webp", 800, 600, { ...base, day: 1, angle: 2.9, boatX: 2, cx: 0.84, cy: -0.36, zoom: 2.5 });
makePicture("card-sea.webp", 800, 600, { ...base, day: 0.1, lit: 0.3, angle: 0.3, lamp: 0.5, boatX: -0.32, cx: -0.22, cy: 0.1, zoom: 2.3 });
makePicture("card-town.webp", 800, 600, { ...base, day: 1.75, angle: 1.2, boatX: 2, cx: 0.58, cy: -0.1, zoom: 2.6 });
if (!process.argv.includes("--pictures")) {
  const folder = mkdtempSync(join(tmpdir(), "long-light-"));
  try {
    await makeFilm(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
