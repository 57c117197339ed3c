// SPDX-License-Identifier: Apache-2.0
// The built package as a registry would deliver it: packed, and unpacked where the consumers below this folder
// find it. Each test file calls install(); the tarball is made once for each content of the build.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const built = process.env.TL_SDK ?? fileURLToPath(new URL("../../build/sdk", import.meta.url));

const filesUnder = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();

/** `home`: the folder of the consumers. Answers the tarball and where it was unpacked. */
export const install = (home = here) => {
  const installed = join(home, "node_modules/@throughline/web");
  const hash = createHash("sha256");
  for (const file of filesUnder(join(built, "web"))) hash.update(file).update(readFileSync(file));
  const name = hash.digest("hex").slice(0, 16);
  const tarball = join(home, "node_modules/.packed", `${name}.tgz`);
  const stamp = join(installed, ".from");
  if (existsSync(stamp) && existsSync(tarball) && readFileSync(stamp, "utf8") == name) return { tarball, installed };
  const folder = join(home, "node_modules/.packed", `${name}.${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: join(built, "web") }));
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", folder]);
  renameSync(join(folder, filename), tarball);
  writeFileSync(join(folder, "package/.from"), name);
  mkdirSync(join(installed, ".."), { recursive: true });
  rmSync(installed, { recursive: true, force: true });
  renameSync(join(folder, "package"), installed);
  rmSync(folder, { recursive: true, force: true });
  return { tarball, installed };
};
