
-- The hours, as edge/core/kept/hours.py has them: a field for each, with its numbers in the order of HOUR -------------------

local HOUR_MS = 3600 * 1000
local HOURS_KEPT = 400 * 24
local HOUR = {
    'messages', 'segments', 'received_micros', 'replies', 'replies_micros', 'attached',
    'per_day_micros', 'kitty_micros', 'until_ms', -- the pace, where it is worked out, and for which kitty and until when
}
local growth = { messages = 0, segments = 0, received_micros = 0, replies = 0, replies_micros = 0, again = 0 }
local hour_at = now_ms - now_ms % HOUR_MS
local hour_begins, was_detached = false, false

local function grow(name, more)
    growth[name] = growth[name] + more
end

local function hour_of(kept)
    local hour, index = {}, 0
    for number in string.gmatch(kept, '%d+') do
        index = index + 1
        hour[HOUR[index]] = tonumber(number)
    end
    return hour
end

local function hour_now()
    local kept = redis.call('HGET', HOURS, whole(hour_at))
    return kept and hour_of(kept)
        or { messages = 0, segments = 0, received_micros = 0, replies = 0, replies_micros = 0, attached = 1 }
end

local function put_hour(hour)
    local numbers = {}
    for index, name in ipairs(HOUR) do
        numbers[index] = hour[name] and whole(hour[name])
    end
    account.hours = (account.hours or 0) + redis.call('HSET', HOURS, whole(hour_at), table.concat(numbers, ' '))
end

local function keep_hour()
    local grew = hour_begins or was_detached
    for _, more in pairs(growth) do
        grew = grew or more > 0
    end
    if grew then
        local hour = hour_now()
        for index = 1, 5 do
            local name = HOUR[index]
            hour[name] = hour[name] + growth[name]
        end
        hour.attached = was_detached and 0 or hour.attached
        put_hour(hour)
    end
end

-- The pace of the hour, as edge/core/charging/pace.py has it -----------------------------------------------------------------------

local DAY_MS, MINUTE_MS = 24 * HOUR_MS, 60 * 1000
local WEEK_HOURS = 7 * 24
local BURST_SHARE, REPLIES_SHARE = 4, 4
local paced

local function received_a_day()
    local names, hours, received_micros = {}, 0, 0
    for index = 1, WEEK_HOURS do
        names[index] = whole(hour_at - index * HOUR_MS)
    end
    for _, kept in ipairs(redis.call('HMGET', HOURS, unpack(names))) do
        if kept then
            hours = hours + 1
            received_micros = received_micros + hour_of(kept).received_micros
        end
    end
    return hours > 0 and math.ceil(received_micros * 24 / hours) or 0
end

local function per_day_of(until_ms)
    local minutes = math.ceil((until_ms - now_ms) / MINUTE_MS)
    if minutes <= 0 then
        return 0
    end
    local left = math.max(0, rules.kitty_micros - account.replies_micros - account.received_micros)
    local even = freed({ amount = left, period_ms = minutes }, DAY_MS / MINUTE_MS)
    local replies = math.max(even - received_a_day(), math.floor(even / REPLIES_SHARE))
    return math.max(1, math.min(rules.kitty_micros, replies))
end

local function pace_now()
    local lasts = rules.lasts
    if lasts and not paced then
        local hour = hour_now()
        if hour.kitty_micros ~= rules.kitty_micros or hour.until_ms ~= lasts.until_ms then
            hour.kitty_micros, hour.until_ms = rules.kitty_micros, lasts.until_ms
            hour.per_day_micros = per_day_of(lasts.until_ms)
            put_hour(hour)
        end
        local per_day = hour.per_day_micros
        local burst = lasts.burst_micros
        if burst == 0 then
            burst = math.max(math.ceil(per_day / BURST_SHARE), lasts.dearest_micros)
        end
        paced = { per_day > 0 and burst or 0, per_day }
    end
    return paced
end

-- As edge/core/kept/hourly.py has it; nothing where none was worked out.
local function hourly()
    local hour = hour_now()
    return hour.per_day_micros and { hour.per_day_micros, hour.kitty_micros, hour.until_ms }
end

-- What a reply takes out of that pace, as `cost_at` in edge/core/charging/pace.py has it.
local THOUSANDTHS = 1000

local function share_of(pace, numbers)
    return math.floor(pace[1] / numbers), math.floor(pace[2] / numbers)
end

local function cost_of(micros, numbers)
    local sharing = rules.sharing
    local burst, per_day = share_of(paced, numbers)
    local spare = math.max(0, sharing.dearest_micros - micros)
    local function limit(most, amount)
        return { cost = micros, capacity = math.max(0, most - spare), amount = math.max(1, amount), period_ms = DAY_MS }
    end
    local part = { amount = sharing.reserve_thousandths, period_ms = THOUSANDTHS }
    local kept = freed(part, burst)
    local cost = { micros = micros, pace = limit(burst, per_day) }
    if math.min(kept, burst - kept) >= math.max(1, sharing.dearest_micros) then
        cost.reserve = { limit = limit(kept, (freed(part, per_day))), micros = kept }
    end
    return cost
end

local function cost_at(micros)
    local cost = cost_of(micros, rules.sharing.numbers)
    if rules.sharing.numbers > 1 then
        cost.whole = cost_of(micros, 1)
    end
    return cost
end

-- Forget fields that are both older and further back than so many spans; `counted` is their number in the account.
local function forget_old(key, counted, most, span_ms)
    local kept = redis.call('HKEYS', key)
    if #kept > most then
        table.sort(kept, function(one, other)
            return tonumber(one) > tonumber(other)
        end)
        for index = most + 1, #kept do
            if tonumber(kept[index]) < now_ms - most * span_ms then
                account[counted] = account[counted] - redis.call('HDEL', key, kept[index])
            end
        end
    end
end

