// SPDX-License-Identifier: Apache-2.0
// tools/check_layers over a copy of the sources with breaches planted in it: each rule refuses its own by
// file and line, and nothing else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "throughline-layers-"));
after(() => rmSync(copy, { recursive: true }));

const isSource = (path) => (statSync(path).isDirectory() ? !path.endsWith("node_modules") : /\.(cpp|hpp|inc|ts|mjs|js)$/.test(path));
for (const top of ["shared", "sdk-wasm", "server", "demo-site"]) cpSync(join(root, top), join(copy, top), { recursive: true, filter: isSource });

// The checker's lines about the copy.
function check() {
  const { stdout, status } = spawnSync(process.execPath, [join(root, "tools/check_layers"), copy], { encoding: "utf8" });
  const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("check_layers:"));
  assert.equal(status, lines.length > 0 ? 1 : 0);
  return lines;
}

const include = (name) => `#include "${name}"`, header = (name) => `#include <${name}>`;
// A file that is not there yet, its second line, and how that is refused (null: it is not), in which line.
const PLANTED = [
  ["shared/src/a.cpp", include("server/core/clock.hpp"), "shared must not include server/core/clock.hpp"],
  ...["chrono", "exception", "functional", "memory", "random", "string", "time.h", "typeinfo", "vector", "openssl/sha.h"]
    .map((name) => [`shared/models/${name.replace("/", "_")}.hpp`, header(name), `${name} is not listed for shared`]),
  ...["throw 1;", "try {", "catch (...) {", "dynamic_cast<B&>(a);", "typeid(a);", "new int;", "malloc(1);", "time(nullptr);", "clock();", "now();", "rand();", "getrandom(a, 1, 0);", "__TIME__;"]
    .map((code) => [code, /^\w+/.exec(code)[0]]).map(([code, word]) => [`shared/src/${word}.cpp`, `  auto a = ${code}`, `${word} is not for shared/`]),
  ...["arc4random();", "drand48();", "strdup(a);", "alloca(1);", "aligned_alloc(8, 8);", "delete p;", "timespec_get(&a, 1);", "__builtin_ia32_rdtsc();"]
    .map((code) => [code, /^\w+/.exec(code)[0]]).map(([code, word]) => [`shared/src/${word}.cpp`, `  ${code}`, `${word} is not for shared/`]),
  ...["  static int counter;", "static int counter = 0;", "int counter{};", "  thread_local int counter;", "std::array<int, 2> counter = {};", "char counter[8];"]
    .map((code, i) => [`shared/src/state_${i}.cpp`, code, "counter outlives the call; shared/ has constants alone"]),
  ...["static constexpr int kOne = 1;", "const char kText[] = {1};", "static int count(int a);", "int count(int a) {", "  int counter = 0;", "  A& operator=(const A&) = delete;", "using Count = int;"]
    .map((code, i) => [`shared/src/no_state_${i}.cpp`, code, null]),
  ["shared/src/digraph.cpp", "%:include <vector>", "vector is not listed for shared"],
  ["shared/src/header_unit.cpp", "import <vector>;", "a file includes, it imports no module"],
  ["shared/src/harmless.cpp", '  auto text = "new"; // throw time() away', null],
  ["shared/src/macro.cpp", "#include TL_TABLE", "an include names its file"],
  ["shared/src/missing.cpp", include("missing.hpp"), "missing.hpp is not listed for shared"],
  ["sdk-wasm/src/a.cpp", include("server/core/clock.hpp"), "sdk-wasm must not include server/core/clock.hpp"],
  ["sdk-wasm/src/b.cpp", header("string"), "string is not listed for sdk-wasm"],
  ["sdk-wasm/loader/a.ts", 'import { a } from "../../server/dashboard/api.ts";', "sdk-wasm must not import server/dashboard/api.ts"],
  ["sdk-wasm/loader/b.ts", 'const a = require("../../server/dashboard/api.ts");', "sdk-wasm must not import server/dashboard/api.ts"],
  ["sdk-wasm/loader/c.ts", 'import "left-pad";', "left-pad is not listed for sdk-wasm/loader"],
  ["sdk-wasm/loader/d.ts", 'import { a } from "node:fs";', "node:fs is not listed for sdk-wasm/loader"],
  ["sdk-wasm/loader/harmless.ts", 'const from = form.get("from") ?? "a"; // taken from "somewhere else"', null],
  ["sdk-wasm/frameworks/a.ts", 'import { a } from "reactive";', "reactive is not listed for sdk-wasm/frameworks"],
  ["server/dashboard/charts/a.ts", 'import { a } from "d3";', "d3 is not listed for server/dashboard/charts"],
  ["server/core/a.cpp", include("server/store/open_store.hpp"), "server/core must not include server/store/open_store.hpp"],
  ["server/core/ports/a.hpp", header("SQLiteCpp/SQLiteCpp.h"), "SQLiteCpp/SQLiteCpp.h is not listed for server/core"],
  ["server/core/b.cpp", header("httplib.h"), "httplib.h is not listed for server/core"],
  ["server/attribute/a.cpp", include("server/core/clock.hpp"), "server/attribute must not include server/core/clock.hpp"],
  ["server/store/sqlite/a.cpp", include("server/http/router.hpp"), "server/store must not include server/http/router.hpp"],
  ["server/store/b.cpp", header("httplib.h"), "httplib.h is not listed for server/store"],
  ["server/providers/a.cpp", include("server/destinations/meta.hpp"), "server/providers must not include server/destinations/meta.hpp"],
  ["server/providers/b.cpp", header("sys/socket.h"), "sys/socket.h is not listed for server/providers"],
  ["server/destinations/a.cpp", include("server/providers/stripe.hpp"), "server/destinations must not include server/providers/stripe.hpp"],
  ["server/destinations/b.cpp", header("httplib.h"), "httplib.h is not listed for server/destinations"],
  ["server/http/a.cpp", include("server/config/key.hpp"), "server/http must not include server/config/key.hpp"],
  ["server/http/b.cpp", header("sqlite3.h"), "sqlite3.h is not listed for server/http"],
  ["server/config/a.cpp", include("server/app.hpp"), "server/config must not include server/app.hpp"],
  ["server/config/b.cpp", header("nlohmann/json.hpp"), "nlohmann/json.hpp is not listed for server/config"],
  ["server/dashboard/views/b.ts", 'import\n  "../../../demo-site/serve.mjs";', "server/dashboard must not import demo-site/serve.mjs", 3],
  ["server/dashboard/views/a.ts", 'const a = await import("../../../demo-site/serve.mjs");', "server/dashboard must not import demo-site/serve.mjs"],
  ["server/cli/a.cpp", header("sqlite3.h"), "sqlite3.h is not listed for server/cli"],
  ["server/a.cpp", include("demo-site/a.hpp"), "server must not include demo-site/a.hpp"],
  ["demo-site/sandbox/a.mjs", 'export * from "../../sdk-wasm/loader/core.ts";', "demo-site must not import sdk-wasm/loader/core.ts"],
  ["demo-site/a.hpp", "", null],
];

test("the sources keep the layers", () => assert.deepEqual(check(), []));

test("every breach is refused where it stands, and nothing else", () => {
  for (const [file, text] of PLANTED) writeFileSync(join(copy, file), `// One.\n${text}\n// Three.\n`, { flag: "wx" });
  const expected = PLANTED.filter(([, , why]) => why).map(([file, , why, line = 2]) => `${file}:${line}: ${why}`);
  mkdirSync(join(copy, "server/reports"));
  writeFileSync(join(copy, "server/reports/a.cpp"), "int a;\n");
  expected.push("server/reports/a.cpp:1: server/reports has no row in tools/check_layers");

  assert.deepEqual(check().sort(), expected.sort());
});
