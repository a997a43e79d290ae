-- For wrk: each request posts the next lines of a log, so that no event comes twice.
-- Arguments: the log, events of a request, lines to pass over.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function fail(what)
  error(what, 0)
end

function init(args)
  local file = io.open(args[1], 'r') or fail('cannot read ' .. args[1])
  batch = tonumber(args[2])
  next_line = file:lines()
  ended = false
  for _ = 1, tonumber(args[3]) do next_line() end
  local type = batch == 1 and 'application/json' or 'application/x-ndjson'
  head = 'POST ' .. wrk.path .. ' HTTP/1.1\r\nHost: ' .. wrk.headers['Host'] .. '\r\nContent-Type: ' .. type .. '\r\nContent-Length: '
end

local function line()
  local found = not ended and next_line()
  if found then return found end
  -- There is nothing more that was not sent: the run does not count, which the end of it tells.
  ended = true
  return '{}'
end

local lines = {}
function request()
  local body
  if batch == 1 then
    body = line()
  else
    for index = 1, batch do lines[index] = line() end
    body = table.concat(lines, '\n')
  end
  -- Not wrk.format: it puts the head together anew for each request.
  return head .. #body .. '\r\n\r\n' .. body
end

function done(summary, latency)
  local ran_out = false
  for _, thread in ipairs(threads) do ran_out = ran_out or thread:get('ended') end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%.6f,"failed":%d,"ranOut":%s,"p50":%.3f,"p99":%.3f}\n',
    summary.requests, summary.duration / 1e6, failed, tostring(ran_out),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
