-- Log-ins without end: more than the queue holds, each of which comes back 100 ms after its answer, whatever it was.
wrk.method = "POST"
wrk.body = "email=ann%40bench.example&password=x"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"

local threads = {}
setup = function(thread) table.insert(threads, thread) end

delay = function() return 100 end

hashed = 0
response = function(status) if status == 200 then hashed = hashed + 1 end end

done = function(summary)
  local total = 0
  for _, thread in ipairs(threads) do total = total + thread:get("hashed") end
  io.write(string.format("HASHED %d %d\n", total, summary.duration))
end
