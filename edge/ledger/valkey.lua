#!lua
-- The books of one ledger on a Valkey or Redis server: one atomic step of one worker, on the server's clock.
--
-- 1. It decides as edge/core/books.py does, line by line; the tests hold the two against each other.
-- 2. All or nothing: it can only fail before it writes. (The first line makes the server refuse the whole script when it is
--    out of memory, cannot save, or is a replica.)
-- 3. The account says how much the other keys hold. If they hold anything else, the server has lost some of them
--    (evicted, expired, deleted), and then nothing is known: never read as "nothing was spent".
-- 4. Every integer is below 2^53: amounts are below 10^15, periods below 2^39, and `times` multiplies in parts.
-- 5. Format 2 is format 1 and additions, so that a worker of format 1 still runs beside it. That one knows a bucket as a
--    score, the instant at which nothing of it counts any more. We write it as well, and beside it what we have written
--    (see edge/ledger/sqlite_books.py).
local ACCOUNT, SENDERS, BLOCKS, CHARGES, OPTED_OUT, TALLY, SENDER_BUCKETS, BLOCK_BUCKETS, BLOCK_CHARGES, TOLD = unpack(KEYS)
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
    'paused_until_ms', -- until when no reply is paid (edge/core/pause.py); nothing where it never was paused
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
    or redis.call('ZCARD', BLOCK_CHARGES) ~= account.block_charges then
    return redis.error_reply('LOST keys are missing: evicted or deleted')
end
local told = { received_micros = request.told.received_micros, counts = request.told.counts }
local told_before = redis.call('HGETALL', TOLD)
for index = 1, #told_before, 2 do
    local name, mark = told_before[index], tonumber(told_before[index + 1])
    if name == 'received_micros' then
        told.received_micros = math.max(told.received_micros, mark)
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

-- As edge/core/instant.py has it.
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

-- Buckets, as edge/core/bucket.py has them ------------------------------------------------------------------------------

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

-- Decide and write ---------------------------------------------------------------------------------------------------

local function mark_told(name, value)
    redis.call('HSET', TOLD, name, whole(value))
    if not request.keeps_marks then
        redis.call('PEXPIRE', TOLD, TOLD_MS)
    end
end

local function receive(received_micros)
    if received_micros > told.received_micros then
        local owed = received_micros - told.received_micros
        account.received_micros = math.min(account.received_micros + owed, RECEIVED_MAX)
        told.received_micros = received_micros
    end
end

local function find(scores, buckets, member, limit)
    local tat = tonumber(redis.call('ZSCORE', scores, member) or 0)
    local kept = redis.call('HGET', buckets, member)
    if not kept then
        return { used = 0, at_ms = tat }
    end
    local used, at, written = string.match(kept, '^(%d+) (%d+) (%d+)$')
    local bucket, other = { used = tonumber(used), at_ms = tonumber(at) }, { used = 0, at_ms = tat }
    if tat ~= tonumber(written) and used_now(limit, other) > used_now(limit, bucket) then
        return other
    end
    return bucket
end

local function add(key, count, member, score)
    account[count] = account[count] + redis.call('ZADD', key, whole(score), member)
end

local function put(scores, count, buckets, buckets_count, member, limit, bucket)
    local tat = tat_ms(limit, bucket.used)
    local kept = whole(bucket.used) .. ' ' .. whole(bucket.at_ms) .. ' ' .. whole(tat)
    add(scores, count, member, tat)
    account[buckets_count] = account[buckets_count] + redis.call('HSET', buckets, member, kept)
end

local function grants(limit, used)
    return used + limit.cost <= limit.capacity
end

local work = {}

function work.admit(charge)
    local cost = charge.cost
    local paid = redis.call('ZSCORE', CHARGES, charge.message_id)
    if not paid then
        receive(charge.received_micros)
    end
    local sender = find(SENDERS, SENDER_BUCKETS, charge.sender, rules.sender)
    local block = find(BLOCKS, BLOCK_BUCKETS, charge.block, rules.block)
    local pace = { used = account.pace_used, at_ms = account.pace_at_ms }
    if account.replies_micros ~= account.counted_micros then -- paid by a worker of format 1, by now, or what was lost
        pace = bucket_at(used_now(cost.pace, pace) + account.replies_micros - account.counted_micros)
        account.pace_used, account.pace_at_ms, account.counted_micros = pace.used, pace.at_ms, account.replies_micros
    end
    local sender_used, block_used, pace_used =
        used_now(rules.sender, sender), used_now(rules.block, block), used_now(cost.pace, pace)
    local reason = 'answered'
    if is_paused() then
        reason = 'paused'
    elseif redis.call('SISMEMBER', OPTED_OUT, charge.sender) == 1 then
        reason = 'opted_out'
    elseif paid then
        reason = 'duplicate'
    elseif not grants(rules.sender, sender_used) then
        reason = 'sender_limit'
    elseif not grants(rules.block, block_used) then
        reason = 'block_limit'
    elseif not grants(cost.pace, pace_used) then
        reason = 'pace_limit'
    elseif account.replies_micros + account.received_micros + cost.micros > rules.kitty_micros then
        reason = 'kitty_spent'
    else
        sender = bucket_at(sender_used + rules.sender.cost)
        block = bucket_at(block_used + rules.block.cost)
        pace = bucket_at(pace_used + cost.pace.cost)
        account.pace_used, account.pace_at_ms, account.pace_tat_ms = pace.used, now_ms, tat_ms(cost.pace, pace.used)
        account.replies = account.replies + 1
        account.last_ms = now_ms
        account.replies_micros = account.replies_micros + cost.micros
        account.counted_micros = account.replies_micros
        put(SENDERS, 'senders', SENDER_BUCKETS, 'sender_buckets', charge.sender, rules.sender, sender)
        put(BLOCKS, 'blocks', BLOCK_BUCKETS, 'block_buckets', charge.block, rules.block, block)
        add(BLOCK_CHARGES, 'block_charges', charge.block, account.replies)
        add(CHARGES, 'charges', charge.message_id, account.replies)
        keep_time()
    end
    return {
        reason = reason,
        sender = sender,
        block = block,
        pace = pace,
        spent_micros = account.replies_micros + account.received_micros,
        now_ms = now_ms,
    }
end

function work.opt_out(sender)
    if not redis.call('ZSCORE', SENDERS, sender) then
        return false
    end
    account.opted_out = account.opted_out + redis.call('SADD', OPTED_OUT, sender)
    return true
end

-- Charges turn over once a day: those before the turn before the last one are forgotten, unless they are among the newest.
-- No provider retries for longer than a day. What was used of a block is kept as long as its last charge, and until it is
-- full again; as format 1 knows it, until then.
local function prune()
    redis.call('ZREMRANGEBYSCORE', BLOCKS, '-inf', whole(now_ms))
    account.blocks = redis.call('ZCARD', BLOCKS)
    if now_ms - account.turned_ms >= TURN_MS then
        account.before_replies = account.turned_replies
        account.turned_replies = account.replies
        account.turned_ms = now_ms
        local last = whole(math.min(account.before_replies, account.replies - KEPT_COUNT))
        for _, block in ipairs(redis.call('ZRANGEBYSCORE', BLOCK_CHARGES, '-inf', last)) do
            if used_now(rules.block, find(BLOCKS, BLOCK_BUCKETS, block, rules.block)) == 0 then
                account.block_buckets = account.block_buckets - redis.call('HDEL', BLOCK_BUCKETS, block)
                account.block_charges = account.block_charges - redis.call('ZREM', BLOCK_CHARGES, block)
            end
        end
        redis.call('ZREMRANGEBYSCORE', CHARGES, '-inf', last)
        account.charges = redis.call('ZCARD', CHARGES)
    end
end

function work.tell(seen)
    receive(seen.received_micros)
    for reason, count in pairs(seen.counts) do
        local owed = count - (told.counts[reason] or 0)
        if owed > 0 then
            redis.call('HINCRBY', TALLY, reason, whole(owed))
            told.counts[reason] = count
            mark_told(reason, count)
        end
    end
    if is_behind then
        keep_time()
    end
    prune()
    return is_paused()
end

local WITHOUT_END_MS = 2 ^ 52

function work.pause(length)
    local asked_ms = length.for_ms < 0 and WITHOUT_END_MS or math.min(now_ms + length.for_ms, WITHOUT_END_MS)
    account.paused_until_ms = math.max(account.paused_until_ms or 0, asked_ms)
    keep_time()
    return account.paused_until_ms
end

function work.resume()
    local was_paused = is_paused()
    account.paused_until_ms = 0
    keep_time()
    return was_paused
end

-- As edge/core/lease.py has it.
local NOTED, NOTED_MAX = { 'restart', 'signature' }, 16

function work.watch(asked)
    local holder, until_ms, notes =
        unpack(redis.call('HMGET', ACCOUNT, 'watch_holder', 'watch_until_ms', 'watch_notes'))
    local mine = holder == asked.holder
    local is_held = mine or now_ms >= tonumber(until_ms or 0)
    if is_held then
        notes = mine and asked.notes or notes or ''
        local gone = asked.length_ms == 0
        redis.call('HSET', ACCOUNT, 'watch_holder', gone and '' or asked.holder,
            'watch_until_ms', gone and 0 or whole(now_ms + asked.length_ms), 'watch_notes', notes)
        is_held = not gone
    end
    local noted = {}
    for index, what in ipairs(NOTED) do
        noted[index] = { what, redis.call('HGET', ACCOUNT, 'noted_' .. what) or '' }
    end
    return { is_held = is_held, is_new = is_held and not mine, notes = notes or '', noted = noted, now_ms = now_ms }
end

function work.note(what)
    local before, instants = redis.call('HGET', ACCOUNT, 'noted_' .. what) or '', {}
    for at_ms in string.gmatch(before, '%d+') do
        instants[#instants + 1] = at_ms
    end
    instants[#instants + 1] = whole(now_ms)
    local first = math.max(1, #instants - NOTED_MAX + 1)
    redis.call('HSET', ACCOUNT, 'noted_' .. what, table.concat(instants, ' ', first))
    return true
end

function work.forget()
    redis.call('DEL', TOLD)
    return true
end

function work.totals()
    local counts = {}
    local tally = redis.call('HGETALL', TALLY)
    for index = 1, #tally, 2 do
        counts[#counts + 1] = { tally[index], tonumber(tally[index + 1]) }
    end
    return {
        replies = account.replies,
        replies_micros = account.replies_micros,
        received_micros = account.received_micros,
        pace = {
            used = account.pace_used + account.replies_micros - account.counted_micros,
            at_ms = account.pace_at_ms,
        },
        now_ms = now_ms,
        last_ms = account.last_ms or (account.replies > 0 and account.now_ms or 0),
        counts = counts,
        paused_until_ms = account.paused_until_ms or 0,
    }
end

local results = {}
for index, asked in ipairs(request.works) do
    results[index] = work[asked[1]](asked[2])
end

if told.received_micros ~= told_micros then
    mark_told('received_micros', told.received_micros)
end
for name, value in pairs(account) do
    if value ~= written[name] then
        redis.call('HSET', ACCOUNT, name, whole(value))
    end
end

-- Answer -------------------------------------------------------------------------------------------------------------

local heard = request.heard
if heard < 0 then
    heard = account.before_replies
end
return cmsgpack.pack({
    epoch = identity[2],
    results = results,
    news = redis.call('ZRANGEBYSCORE', CHARGES, '(' .. whole(heard), '+inf'),
    replies = account.replies,
    replies_micros = account.replies_micros,
    received_micros = account.received_micros,
    told_micros = told.received_micros,
    forgotten = forgotten,
})
