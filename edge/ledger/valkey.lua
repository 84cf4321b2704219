#!lua
-- The books of one number on a Valkey or Redis server: one atomic step of one worker, on the server's clock.
--
-- 1. It decides as edge/core/books.py does, line by line; the tests hold the two against each other.
-- 2. All or nothing: it can only fail before it writes. (The first line makes the server refuse the whole script when it is
--    out of memory, cannot save, or is a replica.)
-- 3. The account says how much the other keys hold. If they hold anything else, the server has lost some of them
--    (evicted, expired, deleted), and then nothing is known: never read as "nothing was spent".
-- 4. Every integer is below 2^53.
local ACCOUNT, SENDERS, BLOCKS, CHARGES, OPTED_OUT, TALLY, TOLD = unpack(KEYS)
local request = cmsgpack.unpack(ARGV[1])
local rules = request.rules

local TURN_MS = 24 * 3600 * 1000
local KEPT_COUNT = 100000
local TOLD_MS = 24 * 3600 * 1000
local NUMBERS = {
    'replies', 'replies_micros', 'received_micros', 'pace_tat_ms', -- the money and the pace
    'senders', 'blocks', 'charges', 'opted_out', -- how much the other keys hold
    'turned_ms', 'turned_replies', 'before_replies', -- when the charges last turned over, and what there was by then
}

local time = redis.call('TIME')
local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function whole(number)
    return string.format('%.0f', number)
end

-- Read ---------------------------------------------------------------------------------------------------------------

local identity = redis.call('HMGET', ACCOUNT, 'version', 'epoch')
if identity[1] ~= request.version then
    return redis.error_reply('LOST the account is missing, or of another version')
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
    or redis.call('ZCARD', CHARGES) ~= account.charges or redis.call('SCARD', OPTED_OUT) ~= account.opted_out then
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
for name, known in pairs(request.known) do
    account[name] = math.max(account[name], known)
end

-- Decide and write ---------------------------------------------------------------------------------------------------

local function mark_told(name, value)
    redis.call('HSET', TOLD, name, whole(value))
    redis.call('PEXPIRE', TOLD, TOLD_MS)
end

local function receive(received_micros)
    if received_micros > told.received_micros then
        account.received_micros = account.received_micros + received_micros - told.received_micros
        told.received_micros = received_micros
    end
end

local function put(key, count, member, score)
    account[count] = account[count] + redis.call('ZADD', key, whole(score), member)
end

local function find(key, count, member, limit)
    local tat_ms = tonumber(redis.call('ZSCORE', key, member) or 0)
    local mended_ms = math.min(tat_ms, now_ms + limit.tolerance_ms)
    if mended_ms < tat_ms then
        put(key, count, member, mended_ms)
    end
    return mended_ms
end

local function grants(limit, tat_ms)
    return math.max(now_ms, tat_ms) + limit.cost_ms <= now_ms + limit.tolerance_ms
end

local function take(limit, tat_ms)
    return math.max(now_ms, tat_ms) + limit.cost_ms
end

local work = {}

function work.admit(charge)
    local cost = charge.cost
    local paid = redis.call('ZSCORE', CHARGES, charge.message_id)
    if not paid then
        receive(charge.received_micros)
    end
    local sender_tat_ms = find(SENDERS, 'senders', charge.sender, rules.sender)
    local block_tat_ms = find(BLOCKS, 'blocks', charge.block, rules.block)
    account.pace_tat_ms = math.min(account.pace_tat_ms, now_ms + cost.pace.tolerance_ms)
    local reason = 'answered'
    if redis.call('SISMEMBER', OPTED_OUT, charge.sender) == 1 then
        reason = 'opted_out'
    elseif paid then
        reason = 'duplicate'
    elseif not grants(rules.sender, sender_tat_ms) then
        reason = 'sender_limit'
    elseif not grants(rules.block, block_tat_ms) then
        reason = 'block_limit'
    elseif not grants(cost.pace, account.pace_tat_ms) then
        reason = 'pace_limit'
    elseif account.replies_micros + account.received_micros + cost.micros > rules.kitty_micros then
        reason = 'kitty_spent'
    else
        sender_tat_ms = take(rules.sender, sender_tat_ms)
        block_tat_ms = take(rules.block, block_tat_ms)
        account.pace_tat_ms = take(cost.pace, account.pace_tat_ms)
        account.replies = account.replies + 1
        account.replies_micros = account.replies_micros + cost.micros
        put(SENDERS, 'senders', charge.sender, sender_tat_ms)
        put(BLOCKS, 'blocks', charge.block, block_tat_ms)
        put(CHARGES, 'charges', charge.message_id, account.replies)
    end
    return {
        reason = reason,
        sender_tat_ms = sender_tat_ms,
        block_tat_ms = block_tat_ms,
        pace_tat_ms = account.pace_tat_ms,
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

-- Blocks that are full again are forgotten. Charges turn over once a day: those before the turn before the last one are
-- forgotten, unless they are among the newest. No provider retries for longer than a day.
local function prune()
    redis.call('ZREMRANGEBYSCORE', BLOCKS, '-inf', whole(now_ms))
    account.blocks = redis.call('ZCARD', BLOCKS)
    if now_ms - account.turned_ms >= TURN_MS then
        account.before_replies = account.turned_replies
        account.turned_replies = account.replies
        account.turned_ms = now_ms
        local last = math.min(account.before_replies, account.replies - KEPT_COUNT)
        redis.call('ZREMRANGEBYSCORE', CHARGES, '-inf', whole(last))
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
    prune()
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
        pace_tat_ms = account.pace_tat_ms,
        counts = counts,
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
})
