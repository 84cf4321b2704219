-- For wrk: plays the requests of a pool file (bench/workload.py) in order, each once before the first comes again, and
-- prints what it saw as one line of JSON. Arguments after `--`: the pool file.
--
-- Requests are read as they are sent. Holding them all would hang wrk now and then: LuaJIT hashes a long string by a few of
-- its bytes, and strings that are alike there end up in one list that is searched from end to end.
local FRAME = 6
local file
local player

rounds = 0 -- global, because only such a variable of the thread can be asked for when it is done

function setup(thread)
    player = thread -- the only one: bench/generators/load.py asks for one thread
end

function init(args)
    file = assert(io.open(args[1], "rb"))
end

function request()
    local frame = file:read(FRAME)
    if not frame then
        rounds = rounds + 1
        file:seek("set")
        frame = file:read(FRAME)
    end
    return file:read(tonumber(frame, 10))
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"messages": %d, "duration_us": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "broken": %d, "rounds": %d}\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.timeout, player:get("rounds")
    ))
end
