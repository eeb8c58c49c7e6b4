-- Sends the lines of a file one after the other, each as the end of the target of a GET request, over kept-alive connections.
-- A file of one line is repeated; any other must be long enough, and running out of it is reported.
local head, tail, lines, only
spent = 0 -- global, so that it can be read from outside the thread

function setup(thread)
  worker = thread
end

function init(args)
  lines = io.open(args[1], "r")
  only = lines:read("*l")
  if lines:read("*l") then
    only = nil
  end
  lines:seek("set", 0)
  head = "GET " .. args[2]
  tail = " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nAccept: " .. args[3] .. "\r\n\r\n"
end

function request()
  local line = only or lines:read("*l")
  if not line then
    spent = spent + 1
    lines:seek("set", 0)
    line = lines:read("*l")
  end
  return head .. line .. tail
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "\n{\"requests\": %d, \"microseconds\": %d, \"bytes\": %d, \"refused\": %d, \"broken\": %d, \"late\": %d, " ..
    "\"spent\": %d, \"p50\": %d, \"p95\": %d, \"p99\": %d}\n",
    summary.requests, summary.duration, summary.bytes, errors.status, errors.connect + errors.read + errors.write,
    errors.timeout, worker:get("spent"), latency:percentile(50), latency:percentile(95), latency:percentile(99)
  ))
end
