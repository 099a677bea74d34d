-- 64 connections that send the same request; wrk passes on method, body, and the names and values of header fields
function init(args)
  wrk.method = args[1]
  wrk.body = args[2] ~= '' and args[2] or nil
  for index = 3, #args, 2 do
    wrk.headers[args[index]] = args[index + 1]
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local form = '{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f}\n'
  io.write('RESULT ' .. form:format(summary.requests, summary.duration / 1e6, failed, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
