#!lua
-- The books of one ledger on a Valkey or Redis server: one atomic step of one worker, on the server's clock.
--
-- 1. It decides as edge/core/charging/books.py does, line by line; the tests hold the two against each other.
-- 2. All or nothing: it can only fail before it writes. (The first line makes the server refuse the whole script when it is
--    out of memory, cannot save, or is a replica.)
-- 3. The account says how much the other keys hold. If they hold anything else, the server has lost some of them
--    (evicted, expired, deleted), and then nothing is known: never read as "nothing was spent".
-- 4. Every integer is below 2^53: amounts are below 10^15, periods below 2^39, and `times` multiplies in parts.
-- 5. Format 2 is format 1 and additions, so that a worker of format 1 still runs beside it. That one knows a bucket as a
--    score, the instant at which nothing of it counts any more. We write it as well, and beside it what we have written
--    (see edge/ledger/sqlite_books.py).
-- 6. The script is this file, valkey_hours.lua, valkey_minutes.lua, valkey_numbers.lua and valkey_work.lua, one after the other.
local ACCOUNT, SENDERS, BLOCKS, CHARGES, OPTED_OUT, TALLY, SENDER_BUCKETS, BLOCK_BUCKETS, BLOCK_CHARGES, HOURS,
    MINUTES, REPLIES, NUMBER_HOURS, NUMBER_MINUTES, REPLY_NUMBERS, TOLD = unpack(KEYS)
local request = cmsgpack.unpack(ARGV[1])
local rules = request.rules

local TURN_MS = 24 * 3600 * 1000
local KEPT_COUNT = 100000
local TOLD_MS = 24 * 3600 * 1000
local PATIENCE_MS = 10000
local RECEIVED_MAX = 2 ^ 52 -- beyond any kitty: what is received after that changes nothing
local TAT_MAX_MS = 2 ^ 52
local NUMBERS = {
    'replies', 'replies_micros', 'received_micros', -- the money
    'pace_used', 'pace_at_ms', 'counted_micros', 'pace_tat_ms', -- the pace, what is counted in it, and as format 1 knows it
    'senders', 'blocks', 'charges', 'opted_out', -- how much the other keys hold
    'sender_buckets', 'block_buckets', 'block_charges',
    'turned_ms', 'turned_replies', 'before_replies', -- when the charges last turned over, and what there was by then
    'now_ms', 'clock_ms', -- the ledger's own time, and what the clock said then
    'last_ms', -- when a reply was last paid; nothing where that was before this was kept
    'hours', 'minutes', -- how many of them are kept; nothing where none ever was
    'reply_rows', -- how many replies are kept with what each cost; nothing where none ever was
    'number_hours', 'number_minutes', 'reply_numbers', -- the same of those of each of several numbers
    'reserve_used', 'reserve_at_ms', -- what is kept for second knocks; nothing where nobody ever drew on it
    'paused_until_ms', -- until when no reply is paid (edge/core/kept/pause.py); nothing where it never was paused
}

local time = redis.call('TIME')
local clock_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function whole(number)
    return string.format('%.0f', number)
end

-- Read ---------------------------------------------------------------------------------------------------------------

local identity = redis.call('HMGET', ACCOUNT, 'version', 'epoch', 'format')
if identity[1] ~= request.version then
    return redis.error_reply('LOST the account is missing, or of another version')
end
if not identity[3] then
    return redis.error_reply('LOST an older ledger was put in its place; restart the worker')
end
if request.epoch ~= '' and request.epoch ~= identity[2] then
    return redis.error_reply('LOST another ledger was begun in its place; restart the worker')
end
local account, written = {}, {}
for index, value in ipairs(redis.call('HMGET', ACCOUNT, unpack(NUMBERS))) do
    account[NUMBERS[index]] = tonumber(value)
    written[NUMBERS[index]] = tonumber(value)
end
if redis.call('ZCARD', SENDERS) ~= account.senders or redis.call('ZCARD', BLOCKS) ~= account.blocks
    or redis.call('ZCARD', CHARGES) ~= account.charges or redis.call('SCARD', OPTED_OUT) ~= account.opted_out
    or redis.call('HLEN', SENDER_BUCKETS) ~= account.sender_buckets
    or redis.call('HLEN', BLOCK_BUCKETS) ~= account.block_buckets
    or redis.call('ZCARD', BLOCK_CHARGES) ~= account.block_charges
    or redis.call('HLEN', HOURS) ~= (account.hours or 0) or redis.call('HLEN', MINUTES) ~= (account.minutes or 0)
    or redis.call('LLEN', REPLIES) ~= (account.reply_rows or 0)
    or redis.call('HLEN', NUMBER_HOURS) ~= (account.number_hours or 0)
    or redis.call('HLEN', NUMBER_MINUTES) ~= (account.number_minutes or 0)
    or redis.call('HLEN', REPLY_NUMBERS) ~= (account.reply_numbers or 0) then
    return redis.error_reply('LOST keys are missing: evicted or deleted')
end
local told = {
    received_micros = request.told.received_micros,
    segments = request.told.segments,
    counts = request.told.counts,
    numbers = request.told.numbers, -- by number, and by what is counted of it
}
local told_before = redis.call('HGETALL', TOLD)
for index = 1, #told_before, 2 do
    local name, mark = told_before[index], tonumber(told_before[index + 1])
    if name == 'received_micros' then
        told.received_micros = math.max(told.received_micros, mark)
    elseif name == 'received_segments' then
        told.segments = math.max(told.segments, mark)
    elseif string.find(name, ' ', 1, true) then
        local number, what = string.match(name, '^(%S+) (%S+)$')
        local marks = told.numbers[number] or {}
        told.numbers[number] = marks
        marks[what] = math.max(marks[what] or 0, mark)
    else
        told.counts[name] = math.max(told.counts[name] or 0, mark)
    end
end
local told_micros = told.received_micros
-- A server that forgot its last charges (a failover, a crash between two syncs) hears from the workers what they were
-- told: the money stays spent, and no number of a charge is used again.
local forgotten = math.max(0, (request.known.replies or 0) - account.replies)
for name, known in pairs(request.known) do
    account[name] = math.max(account[name], known)
end

-- As edge/core/kept/instant.py has it.
local now_ms = math.max(account.now_ms, clock_ms)
local is_behind = clock_ms < account.now_ms - PATIENCE_MS
if is_behind then
    now_ms = account.now_ms + math.min(math.max(0, clock_ms - account.clock_ms), PATIENCE_MS)
end

local function keep_time()
    account.now_ms = now_ms
    account.clock_ms = clock_ms
end

local function is_paused()
    return now_ms < (account.paused_until_ms or 0)
end

-- Buckets, as edge/core/limits/bucket.py has them ------------------------------------------------------------------------------

-- How often `period` goes into `a * b`, for b < period < 2^39, and the rest: long multiplication, three times 13 bits.
local DIGIT = 2 ^ 13
local function times(a, b, period)
    local quotient, rest = 0, 0
    for shift = 2, 0, -1 do
        local digit = math.floor(a / DIGIT ^ shift) % DIGIT
        local part = rest * DIGIT + b * digit
        rest = part % period
        quotient = quotient * DIGIT + (part - rest) / period
    end
    return quotient, rest
end

-- How much comes free in a length of time, rounded down, and the rest. Beyond 2^53, which no level is, it need not be exact.
local function freed(limit, ms)
    local whole_amount, rest_amount = math.floor(limit.amount / limit.period_ms), limit.amount % limit.period_ms
    local periods, rest_ms = math.floor(ms / limit.period_ms), ms % limit.period_ms
    local quotient, rest = times(rest_ms, rest_amount, limit.period_ms)
    return ms * whole_amount + periods * rest_amount + quotient, rest
end

local function used_now(limit, bucket)
    if bucket.at_ms > now_ms then
        local more, rest = freed(limit, bucket.at_ms - now_ms)
        return bucket.used + more + (rest > 0 and 1 or 0)
    end
    return math.max(0, bucket.used - freed(limit, now_ms - bucket.at_ms))
end

local function bucket_at(used)
    return { used = used, at_ms = now_ms }
end

-- When nothing of it counts any more, for format 1: to the millisecond where amounts are not astronomical.
local function tat_ms(limit, used)
    return math.min(TAT_MAX_MS, now_ms + math.ceil(used * limit.period_ms / limit.amount))
end
