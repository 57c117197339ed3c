// SPDX-License-Identifier: Apache-2.0
// What an operator does by command to keys, secrets, personal data and the whole store stands in the
// audit log that the sites' owners read. Usage: node audited_commands.mjs THROUGHLINE
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../demo-site/free_port.mjs";

const program = process.argv[2];
const room = mkdtempSync(join(tmpdir(), "audited-commands-"));
const config = join(room, "throughline.toml");
const origin = `http://127.0.0.1:${await freePort()}`;
writeFileSync(config, `[server]
listen = "${new URL(origin).host}"
public_url = "${origin}"
secret = "a test's secret of more than thirty-two bytes"
[store]
url = "sqlite:${join(room, "shop.db")}"
${["demo", "other"].map((id) => `[[site]]\nid = "${id}"\nname = "Shop"\nwrite_key = "wk_${id}"\norigins = ["https://shop.example"]\n`).join("")}`);
const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(program, ["--config", config, ...args], { encoding: "utf8" });
  assert.equal(status, 0, `${args.join(" ")}: ${stderr}`);
  return stdout.trim();
};
const idOf = (key) => key.split("_")[1];

/** "action detail" of every entry of each site, oldest first; all are the command's. */
async function log(keys) {
  const server = spawn(program, ["--config", config, "serve"], { stdio: "ignore" });
  const ended = new Promise((done) => server.once("exit", done));
  try {
    for (const end = Date.now() + 20_000; !(await fetch(`${origin}/readyz`).catch(() => null))?.ok; await new Promise((done) => setTimeout(done, 25)))
      assert.ok(server.exitCode === null && Date.now() < end, "the server did not start");
    return await Promise.all(keys.map(async (key) => {
      const { items } = await (await fetch(`${origin}/api/audit-log`, { headers: { authorization: `Bearer ${key}` } })).json();
      for (const { actor, address } of items) assert.deepEqual([actor, address], ["cli", ""]);
      return items.map(({ action, detail }) => `${action} ${detail}`.trim()).reverse();
    }));
  } finally {
    server.kill();
    await ended;
  }
}

try {
  const keys = ["demo", "other"].map((site) => run("key", "add", "--site", site, "--scopes", "read,admin"));
  const gone = run("key", "add", "--site", "demo");
  run("key", "revoke", gone);
  run("export-person", "--site", "demo", "--email", "ann@mail.example");
  run("export", "receipts", "--site", "demo");
  run("erase", "--site", "demo", "--email", "ann@mail.example", "--dry-run");
  for (const command of ["retention", "rebuild", "train", "retry-deliveries"]) run(command);
  run("retention", "--dry-run");
  run("replay-rejects");
  run("backup", join(room, "before.db"));
  run("reseal");
  const derived = ["retention_applied", "reports_rebuilt", "models_trained", "deliveries_retried 0"]; // nothing was replayed
  const ofDemo = [`key_added ${idOf(keys[0])} read,admin`, `key_added ${idOf(gone)} read`, `key_revoked ${idOf(gone)}`, "person_exported", "receipts_exported", ...derived];
  const ofOther = [`key_added ${idOf(keys[1])} read,admin`, ...derived];
  const ofAll = ["store_backed_up before.db", "store_resealed 0 rows"];
  assert.deepEqual(await log(keys), [[...ofDemo, ...ofAll], [...ofOther, ...ofAll]]);

  // The backup's own log, as it was before it was told.
  run("restore", join(room, "before.db"));
  assert.deepEqual(await log(keys), [[...ofDemo, "store_restored before.db"], [...ofOther, "store_restored before.db"]]);
} finally {
  rmSync(room, { recursive: true });
}
