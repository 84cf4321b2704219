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
        grow('received_micros', owed)
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

-- As edge/core/limits/refusal.py has it: whether a reply can be paid out of what lies above the reserve, or the reserve can pay it.
local function is_above(cost, pace_used, reserve_used)
    local kept = cost.reserve
    return not kept or pace_used + cost.pace.cost + math.max(0, kept.micros - reserve_used) <= cost.pace.capacity
end

local function draws(cost, reserve_used)
    return cost.reserve and grants(cost.reserve.limit, reserve_used)
end

-- The shares of our numbers, as edge/core/charging/shares.py has them: one field of the account, with five numbers for each.
local function shares_now(pace, reserve)
    local shares, count = {}, 0
    local each = '(%S+) (%d+) (%d+) (%d+) (%d+) (%d+)'
    for number, used, at, reserve_used, reserve_at, replies in
        string.gmatch(redis.call('HGET', ACCOUNT, 'shares') or '', each) do
        shares[number] = {
            pace = { used = tonumber(used), at_ms = tonumber(at) },
            reserve = { used = tonumber(reserve_used), at_ms = tonumber(reserve_at) },
            replies = tonumber(replies),
        }
        count = count + 1
    end
    local is_same = count == #rules.numbers
    for _, number in ipairs(rules.numbers) do
        is_same = is_same and shares[number]
    end
    if is_same then
        return shares
    end
    local even = {}
    for _, number in ipairs(rules.numbers) do
        even[number] = {
            pace = { used = math.ceil(pace.used / #rules.numbers), at_ms = pace.at_ms },
            reserve = { used = math.ceil(reserve.used / #rules.numbers), at_ms = reserve.at_ms },
            replies = shares[number] and shares[number].replies or 0,
        }
    end
    return even
end

local function put_shares(shares)
    local kept = {}
    for index, number in ipairs(rules.numbers) do
        local share = shares[number]
        kept[index] = table.concat({
            number, whole(share.pace.used), whole(share.pace.at_ms),
            whole(share.reserve.used), whole(share.reserve.at_ms), whole(share.replies),
        }, ' ')
    end
    redis.call('HSET', ACCOUNT, 'shares', table.concat(kept, ' '))
end

-- What is wanted of our numbers, as edge/core/kept/attachment.py has it: JSON in a field of the account for each number, and one
-- field that lists them.
local ATTACHMENT = 'attachment '

local function attachments()
    local found = {}
    for phone in string.gmatch(redis.call('HGET', ACCOUNT, 'attachments') or '', '%S+') do
        found[#found + 1] = { phone, redis.call('HGET', ACCOUNT, ATTACHMENT .. phone) }
    end
    return found
end

local function note_detached(phone, kept)
    if cjson.decode(kept).attached == false then
        was_detached = true
        detached[phone] = true
    end
end

local work = {}

function work.admit(charge)
    local cost = charge.cost
    local hourly = pace_now()
    if hourly then
        cost = cost_at(cost.micros)
    end
    local paid = redis.call('ZSCORE', CHARGES, charge.message_id)
    if not paid then
        receive(charge.received_micros)
    end
    local block_limit = charge.block_limit or rules.block
    local sender = find(SENDERS, SENDER_BUCKETS, charge.sender, rules.sender)
    local block = find(BLOCKS, BLOCK_BUCKETS, charge.block, block_limit)
    local pace = { used = account.pace_used, at_ms = account.pace_at_ms }
    if account.replies_micros ~= account.counted_micros then -- paid by a worker of format 1, by now, or what was lost
        pace = bucket_at(used_now((cost.whole or cost).pace, pace) + account.replies_micros - account.counted_micros)
        account.pace_used, account.pace_at_ms, account.counted_micros = pace.used, pace.at_ms, account.replies_micros
    end
    local reserve = { used = account.reserve_used or 0, at_ms = account.reserve_at_ms or 0 }
    local all, all_reserve, shares = pace, reserve, nil
    if cost.whole then
        shares = shares_now(pace, reserve)
        pace, reserve = shares[charge.number].pace, shares[charge.number].reserve
    end
    local reserve_used = cost.reserve and used_now(cost.reserve.limit, reserve) or 0
    local sender_used, block_used, pace_used =
        used_now(rules.sender, sender), used_now(block_limit, block), used_now(cost.pace, pace)
    local reason = 'answered'
    if is_paused() then
        reason = 'paused'
    elseif redis.call('SISMEMBER', OPTED_OUT, charge.sender) == 1 then
        reason = 'opted_out'
    elseif paid then
        reason = 'duplicate'
    elseif not grants(rules.sender, sender_used) then
        reason = 'sender_limit'
    elseif not grants(block_limit, block_used) then
        reason = 'block_limit'
    elseif not grants(cost.pace, pace_used)
        or not (is_above(cost, pace_used, reserve_used) or (charge.knock and draws(cost, reserve_used))) then
        reason = 'pace_limit'
    elseif cost.whole and not grants(cost.whole.pace, used_now(cost.whole.pace, all)) then
        reason = 'pace_limit'
    elseif account.replies_micros + account.received_micros + cost.micros > rules.kitty_micros then
        reason = 'kitty_spent'
    else
        sender = bucket_at(sender_used + rules.sender.cost)
        block = bucket_at(block_used + block_limit.cost)
        local is_drawn = not is_above(cost, pace_used, reserve_used)
        if is_drawn then
            reserve = bucket_at(reserve_used + cost.reserve.limit.cost)
        end
        pace = bucket_at(pace_used + cost.pace.cost)
        if cost.whole then
            local limit, kept = cost.whole.pace, cost.whole.reserve
            all = bucket_at(used_now(limit, all) + limit.cost)
            if is_drawn and kept then
                all_reserve = bucket_at(used_now(kept.limit, all_reserve) + kept.limit.cost)
            end
            shares[charge.number] =
                { pace = pace, reserve = reserve, replies = shares[charge.number].replies + 1 }
            put_shares(shares)
        else
            all, all_reserve = pace, reserve
        end
        account.pace_used, account.pace_at_ms = all.used, now_ms
        account.pace_tat_ms = tat_ms((cost.whole or cost).pace, all.used)
        if is_drawn then
            account.reserve_used, account.reserve_at_ms = all_reserve.used, all_reserve.at_ms
        end
        account.replies = account.replies + 1
        account.last_ms = now_ms
        account.replies_micros = account.replies_micros + cost.micros
        account.counted_micros = account.replies_micros
        grow('messages', 1)
        grow('replies', 1)
        grow('replies_micros', cost.micros)
        grow_of(charge.number, 'messages', 1)
        grow_of(charge.number, 'replies', 1)
        grow_of(charge.number, 'replies_micros', cost.micros)
        put(SENDERS, 'senders', SENDER_BUCKETS, 'sender_buckets', charge.sender, rules.sender, sender)
        put(BLOCKS, 'blocks', BLOCK_BUCKETS, 'block_buckets', charge.block, block_limit, block)
        add(BLOCK_CHARGES, 'block_charges', charge.block, account.replies)
        add(CHARGES, 'charges', charge.message_id, account.replies)
        account.reply_rows = redis.call('RPUSH', REPLIES,
            table.concat({ whole(now_ms), charge.sender, whole(charge.segments), whole(cost.micros) }, ' '))
        if charge.number ~= '' then
            account.reply_numbers = (account.reply_numbers or 0)
                + redis.call('HSET', REPLY_NUMBERS, whole(account.reply_rows), charge.number)
        end
        keep_time()
    end
    return {
        reason = reason,
        sender = sender,
        block = block,
        pace = pace,
        reserve = cost.reserve and reserve or { used = 0, at_ms = 0 },
        whole = cost.whole and all or { used = 0, at_ms = 0 },
        spent_micros = account.replies_micros + account.received_micros,
        now_ms = now_ms,
        paced = hourly,
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
        forget_old(HOURS, 'hours', HOURS_KEPT, HOUR_MS)
        forget_old(NUMBER_HOURS, 'number_hours', HOURS_KEPT, HOUR_MS)
    end
end

local function set_of(reasons)
    local set = {}
    for _, reason in ipairs(reasons) do
        set[reason] = true
    end
    return set
end

function work.tell(seen)
    receive(seen.received_micros)
    if seen.segments > told.segments then
        grow('segments', seen.segments - told.segments)
        told.segments = seen.segments
        mark_told('received_segments', told.segments)
    end
    local of_messages, again = set_of(seen.of_messages), set_of(seen.again)
    for reason, count in pairs(seen.counts) do
        local owed = count - (told.counts[reason] or 0)
        if owed > 0 then
            redis.call('HINCRBY', TALLY, reason, whole(owed))
            told.counts[reason] = count
            mark_told(reason, count)
            grow('messages', of_messages[reason] and owed or 0)
            grow('again', again[reason] and owed or 0)
        end
    end
    for number, came in pairs(seen.numbers) do
        local marks = told.numbers[number] or {}
        told.numbers[number] = marks
        for what, sum in pairs(came) do
            local owed = sum - (marks[what] or 0)
            if owed > 0 then
                marks[what] = sum
                mark_told(number .. ' ' .. what, sum)
                grow_of(number, what, owed)
            end
        end
    end
    if is_behind then
        keep_time()
    end
    hour_begins = redis.call('HEXISTS', HOURS, whole(hour_at)) == 0
    begin_number_hours()
    for _, attachment in ipairs(attachments()) do
        note_detached(attachment[1], attachment[2])
    end
    prune()
    return { is_paused(), pace_now() or {} }
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

local function is_as_before(asked)
    return (redis.call('HGET', ACCOUNT, ATTACHMENT .. asked.phone) or asked.default) == asked.before
end

function work.keep_attachment(asked)
    if not is_as_before(asked) then
        return false
    end
    if redis.call('HEXISTS', ACCOUNT, ATTACHMENT .. asked.phone) == 0 then
        local phones = redis.call('HGET', ACCOUNT, 'attachments')
        redis.call('HSET', ACCOUNT, 'attachments', phones and phones .. ' ' .. asked.phone or asked.phone)
    end
    redis.call('HSET', ACCOUNT, ATTACHMENT .. asked.phone, asked.after)
    note_detached(asked.phone, asked.before)
    note_detached(asked.phone, asked.after)
    keep_time()
    return true
end

-- As edge/core/kept/button.py has it.
local USED_MAX = 64

local function expires_ms(kept)
    return tonumber(string.match(kept, '^%d+'))
end

local function use(button)
    local kept = {}
    for text in string.gmatch(redis.call('HGET', ACCOUNT, 'used_buttons') or '', '%S+') do
        if text == button.kept then
            return false
        elseif expires_ms(text) > now_ms then
            kept[#kept + 1] = text
        end
    end
    table.sort(kept, function(one, other)
        return expires_ms(one) < expires_ms(other)
    end)
    local is_full = #kept >= USED_MAX
    if button.expires_ms <= now_ms or (is_full and button.expires_ms <= expires_ms(kept[1])) then
        return false
    end
    kept[#kept + 1] = button.kept
    redis.call('HSET', ACCOUNT, 'used_buttons', table.concat(kept, ' ', is_full and 2 or 1))
    return true
end

-- 0 for a button that does not count.
function work.press(button)
    return use(button) and work.pause(button) or 0
end

-- Whether the number was as it was before, and whether the button counted.
function work.press_to_detach(asked)
    local is_same = is_as_before(asked)
    return { is_same, is_same and use(asked) and work.keep_attachment(asked) }
end

-- As edge/core/kept/lease.py has it.
local NOTED, NOTED_MAX = { 'start', 'restart', 'signature' }, 16

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
        attachments = attachments(),
        reserve = { used = account.reserve_used or 0, at_ms = account.reserve_at_ms or 0 },
        shares = redis.call('HGET', ACCOUNT, 'shares') or '',
        hourly = hourly(),
    }
end

-- The names and the values of those fields of a hash that are instants of a step's beginning, from one on: by their names
-- where they are few, since a hash of hours holds a year's.
local ASKED_MAX = 2000

local function kept_since(key, since_ms, step_ms)
    local first = since_ms + (step_ms - since_ms % step_ms) % step_ms
    if (now_ms - first) / step_ms >= ASKED_MAX then
        return redis.call('HGETALL', key)
    end
    local names, found = {}, {}
    for at_ms = first, now_ms, step_ms do
        names[#names + 1] = whole(at_ms)
    end
    for index, value in ipairs(#names > 0 and redis.call('HMGET', key, unpack(names)) or {}) do
        if value then
            found[#found + 1] = names[index]
            found[#found + 1] = value
        end
    end
    return found
end

function work.hours(since_ms)
    local found = {}
    local kept = kept_since(HOURS, since_ms, HOUR_MS)
    for index = 1, #kept, 2 do
        local at_ms, hour = tonumber(kept[index]), hour_of(kept[index + 1])
        if at_ms >= since_ms then
            found[#found + 1] = {
                at_ms, hour.messages, hour.segments, hour.received_micros, hour.replies, hour.replies_micros,
                hour.attached == 1,
            }
        end
    end
    return found
end

function work.minutes(since_ms)
    local found = {}
    local kept = kept_since(MINUTES, since_ms, MINUTE_MS)
    for index = 1, #kept, 2 do
        local at_ms = tonumber(kept[index])
        if at_ms >= since_ms then
            found[#found + 1] = { at_ms, unpack(minute_of(kept[index + 1])) }
        end
    end
    return found
end

local function each_since(key, since_ms, step_ms, names)
    local found = {}
    local kept = kept_since(key, since_ms, step_ms)
    for index = 1, #kept, 2 do
        local at_ms = tonumber(kept[index])
        for number, sums in pairs(at_ms >= since_ms and sums_of_each(kept[index + 1], names) or {}) do
            local row = { at_ms }
            for place, name in ipairs(names) do
                row[place + 1] = sums[name]
            end
            found[#found + 1] = { number, row }
        end
    end
    return found
end

function work.hours_of_each(since_ms)
    return each_since(NUMBER_HOURS, since_ms, HOUR_MS, NUMBER_HOUR)
end

function work.minutes_of_each(since_ms)
    return each_since(NUMBER_MINUTES, since_ms, MINUTE_MS, MINUTE)
end

local results = {}
for index, asked in ipairs(request.works) do
    results[index] = work[asked[1]](asked[2])
end

keep_hour()
keep_minute()
keep_number_hours()
keep_number_minutes()
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
