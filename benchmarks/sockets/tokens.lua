-- Asks with the tokens of a file, one a line, in turns from a given one on; prints what was answered as JSON.
local requests, at = {}, 0

function init(arguments)
   at = tonumber(arguments[2])
   for line in io.lines(arguments[1]) do
      requests[#requests + 1] = wrk.format("GET", "/orders", { Authorization = "Bearer " .. line })
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency, each)
   local errors = summary.errors
   local bad = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format('{"requests": %d, "bad": %d}\n', summary.requests, bad))
end
