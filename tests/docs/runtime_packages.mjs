// SPDX-License-Identifier: Apache-2.0
// Every library that the binary is linked with comes from a package that README.md and the systemd unit
// tell to install; what those need in turn, apt knows.
// Usage: node tests/docs/runtime_packages.mjs BINARY
import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
const binary = process.argv[2];
const run = (program, ...words) => execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

// Without libc6 there is no Debian; libgcc-s1 comes with it.
const always = ["libc6", "libgcc-s1"];
// No library: the time zones of reports, and whose certificates destinations may show.
const files = ["tzdata", "ca-certificates"];

// The words after "apt-get install", over lines that go on.
function listed(page) {
  const text = readFileSync(join(root, page), "utf8").replace(/\\\n#?\s*/g, " ");
  const list = text.match(/apt-get install --no-install-recommends ([a-z0-9.+ -]+)/);
  if (!list) throw new Error(`${page} has no line "apt-get install --no-install-recommends …"`);
  return list[1].trim().split(/\s+/);
}

// The package that a file is of, whichever of its names dpkg knows (/lib is /usr/lib).
function package_of(path) {
  for (const name of [path, realpathSync(path)])
    try {
      return run("dpkg", "-S", name).split(":")[0];
    } catch {
      // dpkg knows the other one
    }
  throw new Error(`${path} is of no package`);
}

const where = new Map([...run("ldd", binary).matchAll(/^\s*(\S+) => (\S+)/gm)].map(([, name, path]) => [name, path]));
const linked = [...run("readelf", "-d", binary).matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
const needed = new Set(linked.filter((name) => where.has(name)).map((name) => package_of(where.get(name))));
for (const name of always) needed.delete(name);

let wrong = needed.size === 0 ? ["no library of the binary was found"] : [];
for (const page of ["README.md", "docs/deploy/throughline.service"]) {
  const list = listed(page);
  for (const name of [...needed, ...files]) if (!list.includes(name)) wrong.push(`${page} does not tell to install ${name}`);
  for (const name of list) if (!needed.has(name) && !files.includes(name)) wrong.push(`${page}: the binary needs no ${name}`);
}
for (const line of wrong) console.error(line);
process.exit(wrong.length > 0 ? 1 : 0);
