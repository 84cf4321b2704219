
-- The hours, as edge/core/hours.py has them: a field for each, with its numbers in the order of HOUR -------------------

local HOUR_MS = 3600 * 1000
local HOURS_KEPT = 400 * 24
local HOUR = { 'messages', 'segments', 'received_micros', 'replies', 'replies_micros', 'attached' }
local growth = { messages = 0, segments = 0, received_micros = 0, replies = 0, replies_micros = 0 }
local hour_at = now_ms - now_ms % HOUR_MS
local hour_begins = false

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
        numbers[index] = whole(hour[name])
    end
    account.hours = (account.hours or 0) + redis.call('HSET', HOURS, whole(hour_at), table.concat(numbers, ' '))
end

local function keep_hour()
    local grew = hour_begins
    for _, more in pairs(growth) do
        grew = grew or more > 0
    end
    if grew then
        local hour = hour_now()
        for name, more in pairs(growth) do
            hour[name] = hour[name] + more
        end
        put_hour(hour)
    end
end

local function prune_hours()
    local kept = redis.call('HKEYS', HOURS)
    if #kept > HOURS_KEPT then
        table.sort(kept, function(one, other)
            return tonumber(one) > tonumber(other)
        end)
        for index = HOURS_KEPT + 1, #kept do
            if tonumber(kept[index]) < now_ms - HOURS_KEPT * HOUR_MS then
                account.hours = account.hours - redis.call('HDEL', HOURS, kept[index])
            end
        end
    end
end

