
-- The minutes of a day, as edge/core/kept/minutes.py has them: a field for each, with its numbers in the order of MINUTE ------

local MINUTES_KEPT, MINUTES_SPARE = 24 * 60, 60 -- they are forgotten by the hour, not one by one
local MINUTE = { 'messages', 'again', 'received_micros', 'replies', 'replies_micros' }
local minute_at = now_ms - now_ms % MINUTE_MS

local function minute_of(kept)
    local minute, index = {}, 0
    for number in string.gmatch(kept, '%d+') do
        index = index + 1
        minute[index] = tonumber(number)
    end
    return minute
end

local function keep_minute()
    local grew = growth.segments > 0
    for _, name in ipairs(MINUTE) do
        grew = grew or growth[name] > 0
    end
    if not grew then
        return
    end
    local minute = minute_of(redis.call('HGET', MINUTES, whole(minute_at)) or '0 0 0 0 0')
    for index, name in ipairs(MINUTE) do
        minute[index] = whole(minute[index] + growth[name])
    end
    local new = redis.call('HSET', MINUTES, whole(minute_at), table.concat(minute, ' '))
    account.minutes = (account.minutes or 0) + new
    if new == 1 and account.minutes > MINUTES_KEPT + MINUTES_SPARE then
        forget_old(MINUTES, 'minutes', MINUTES_KEPT, MINUTE_MS)
    end
end

