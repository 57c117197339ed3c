-- Load for wrk: fresh visitors, TL_EVENTS touches a request (1 or 10), evidence only.
local events = tonumber(os.getenv("TL_EVENTS") or "1")
local thread_number = 0
function setup(thread) thread_number = thread_number + 1; thread:set("number", thread_number) end
function init() math.randomseed(os.time() * 31 + number * 7919); count = 0; t = (os.time() - 3600) * 1000 end
local function hex(n)
  local out = {}
  for i = 1, n do out[i] = string.format("%08x", math.random(0, 0x7fffffff)) end
  return table.concat(out)
end
local template = '{"n":"page_view","seq":1,"pn":"%s","t":%d,"c":{"s":1,"m":1},"ev":{"u":"https://shop.example/film?utm_source=google&utm_medium=cpc&utm_campaign=spring_%d&gclid=Cj0KCQ%s","r":"https://www.google.com/","ti":"The film"}}'
function request()
  local list = {}
  for i = 1, events do
    count = count + 1
    t = t + 1  -- time moves on, as it does for real visitors
    list[i] = string.format(template, hex(4), t, count % 50, hex(6))
  end
  local body = string.format('{"v":1,"site":"demo","key":"wk_demo","rv":0,"sent":%d,"pn":"%s","e":[%s]}', t, hex(4), table.concat(list, ","))
  return wrk.format("POST", "/api/events", { ["Content-Type"] = "text/plain", ["Origin"] = "https://shop.example",
    ["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36" }, body)
end
function done(summary, latency)
  io.write(string.format("RESULT requests=%d seconds=%.3f p50_us=%d p99_us=%d errors=%d non2xx=%d\n", summary.requests,
    summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout, summary.errors.status))
end
