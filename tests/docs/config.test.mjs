// SPDX-License-Identifier: Apache-2.0
// Configuration that the documentation shows: TOML goes through check-config, as a whole or on top of the least
// that a site needs; the proxies' and the service's files are read as their programs read them.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { blocksOf, placeOf, root, spans, textOf } from "./blocks.mjs";
import { binary } from "./served.mjs";

let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), "throughline-docs-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

const kLeast = `[server]
listen = "127.0.0.1:0"
secret = "0123456789abcdef0123456789abcdef"

[[site]]
id = "shop"
name = "Shop"
write_key = "wk_shop"
origins = ["https://shop.example"]
`;

// A fragment is what a site's own table holds, or further tables.
const whole = (toml) => (toml.includes("[server]") ? toml : `${kLeast}${toml}`);

// What stands for a value that only its owner has: good for whatever reads it.
const kValue = "00112233445566778899aabbccddeeff";

const makeCertificate = (certificate, key) =>
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=t.shop.example", "-keyout", key, "-out", certificate], { stdio: "ignore" });

const checkConfig = (toml) => {
  writeFileSync(join(folder, "throughline.toml"), toml);
  const env = { PATH: process.env.PATH };
  for (const [, name] of toml.matchAll(/"env:(\w+)"/g)) env[name] = name.endsWith("_LOGIN") ? `shop:${kValue}` : kValue;
  for (const [, name] of toml.matchAll(/"file:([\w.]+\.pem)"/g)) makeCertificate(join(folder, name), "/dev/null");
  return spawnSync(binary, ["check-config"], { cwd: folder, env, encoding: "utf8" });
};

for (const block of blocksOf("toml"))
  test(`${placeOf(block)}: check-config takes it`, () => {
    const { status, stderr } = checkConfig(whole(block.code));
    assert.equal(status, 0, stderr);
  });

test("check-config takes no key that is none", () => {
  assert.notEqual(checkConfig(whole('opt_out_countrys = ["US"]\n')).status, 0);
});

test("a setting that running text names is one", () => {
  const known = new Set([...textOf("docs/configuration.md").matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name]) => name.split(".").at(-1)));
  for (const span of spans.filter(({ page }) => page != "docs/configuration.md")) {
    const [, name] = /^(?:\[[\w.]+\] )?([a-z][a-z_]+) = ["[\d{tf].*$/.exec(span.code) ?? [];
    if (name) assert.ok(known.has(name), `${placeOf(span)}: no setting ${name}`);
  }
});

// {words, body?}: a directive ends with ";" or has a body in braces.
const readNginx = (text, where) => {
  const tokens = [...text.replace(/#[^\n]*/g, "").matchAll(/"[^"]*"|[{};]|[^\s{};"]+/g)].map(([token]) => token);
  const directives = (isInside) => {
    const found = [];
    let words = [];
    for (let token; (token = tokens.shift()); ) {
      if (token == ";" || token == "{") {
        assert.ok(words.length, `${where}: "${token}" after nothing`);
        found.push(token == "{" ? { words, body: directives(true) } : { words });
        words = [];
      } else if (token == "}") {
        assert.ok(isInside && !words.length, `${where}: "}" after "${words.join(" ")}"`);
        return found;
      } else words.push(token);
    }
    assert.ok(!isInside && !words.length, `${where}: ends within "${words.join(" ")}"`);
    return found;
  };
  return directives(false);
};

let sockets = 0;
const hasNginx = !spawnSync("nginx", ["-v"]).error;

// nginx itself where it is, with a certificate and addresses of ours in place of those that the file names.
const testNginx = (text, where) => {
  readNginx(text, where);
  if (!hasNginx) return;
  const [certificate, key] = ["chain.pem", "key.pem"].map((name) => join(folder, name));
  makeCertificate(certificate, key);
  const placed = text.replace(/(ssl_certificate +)[^;]+;/, `$1${certificate};`).replace(/(ssl_certificate_key +)[^;]+;/, `$1${key};`).replace(/listen [^\s;]+/g, () => `listen unix:${folder}/${(sockets += 1)}`);
  writeFileSync(join(folder, "nginx.conf"), `pid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}\n${placed}\n}\n`);
  const { status, stderr } = spawnSync("nginx", ["-t", "-q", "-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")], { encoding: "utf8" });
  assert.equal(status, 0, `${where}: ${stderr}`);
};

const fileOf = (name) => readFileSync(join(root, "docs/deploy", name), "utf8");
const kListen = /^listen = "127\.0\.0\.1:8787"$/m;

test("docs/deploy/nginx.conf is nginx's, and leads to where README.md listens", () => {
  const text = fileOf("nginx.conf");
  testNginx(text, "docs/deploy/nginx.conf");
  assert.match(text, /server 127\.0\.0\.1:8787;/);
  assert.match(textOf("README.md"), kListen);
});

for (const block of blocksOf("nginx"))
  test(`${placeOf(block)}: nginx takes it`, () => testNginx(`server {\nlisten 80;\n${block.code}\n}`, placeOf(block)));

test("docs/deploy/Caddyfile is Caddy's, and keeps inside what nginx.conf keeps inside", () => {
  const text = fileOf("Caddyfile").replace(/(^|\s)#[^\n]*/g, "$1");
  let depth = 0;
  for (const line of text.split("\n").map((line) => line.trim()).filter(Boolean)) {
    if (line == "}") assert.ok((depth -= 1) >= 0, "a } too many");
    else if (line.endsWith("{")) depth += 1;
    else assert.ok(!/[;{}]$/.test(line), `Caddy ends no line so: ${line}`);
    // A directive of an address's block, a matcher, or an option of the directive around it.
    const [word] = line.split(/\s/);
    assert.ok(
      /^(t\.shop\.example|encode|handle|reverse_proxy|request_body|respond|max_size|transport|keepalive|keepalive_idle_conns_per_host|not|path|remote_ip|@\w+|\})$/.test(word),
      `no directive of Caddy: ${line}`,
    );
  }
  assert.equal(depth, 0);
  assert.match(text, /reverse_proxy 127\.0\.0\.1:8787/);
  assert.match(text, /@inside path \/metrics \/dashboard \/dashboard\/\*/);
  assert.match(fileOf("nginx.conf"), /location ~ \^\/\(metrics\|dashboard\)/);
  if (!spawnSync("caddy", ["version"]).error)
    execFileSync("caddy", ["validate", "--adapter", "caddyfile", "--config", join(root, "docs/deploy/Caddyfile")], { stdio: "ignore" });
});

test("docs/deploy/throughline.service is systemd's, and its commands are ours", () => {
  const lines = fileOf("throughline.service").split("\n").filter((line) => line && !line.startsWith("#"));
  for (const line of lines) assert.match(line, /^(\[(Unit|Service|Install)\]|[A-Z]\w+=.*)$/);
  const ours = lines.filter((line) => /^ExecStart(Pre)?=/.test(line)).map((line) => /throughline (\S+) --config/.exec(line)?.[1]);
  assert.deepEqual(ours, ["check-config", "serve"]);
  if (spawnSync("systemd-analyze", ["--version"]).error) return;
  // The binary is not where the unit wants it: any other complaint counts.
  const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", join(root, "docs/deploy/throughline.service")], { encoding: "utf8" });
  assert.deepEqual(stderr.split("\n").filter((line) => line && !/\/usr\/local\/bin\/throughline|is not executable|Failed to (connect|initialize)/.test(line)), []);
});
