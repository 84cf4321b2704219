-- For wrk: plays the requests of a pool file (bench/workload.py) in order, each once before the first comes again, and
-- prints what it saw as one line of JSON. Arguments after `--`: the pool file.
local FRAME = 6
local pool, size, position = {}, 0, 0

function init(args)
    local file = assert(io.open(args[1], "rb"))
    local frame = file:read(FRAME)
    while frame do
        size = size + 1
        pool[size] = file:read(tonumber(frame, 10))
        frame = file:read(FRAME)
    end
    file:close()
end

function request()
    position = position % size + 1
    return pool[position]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"messages": %d, "duration_us": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "broken": %d}\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.timeout
    ))
end
