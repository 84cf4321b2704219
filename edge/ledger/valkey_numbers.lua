
-- The hours and minutes of each of several numbers: a field for each hour or minute, with the number and its sums for each ------

local NUMBER_HOUR = { unpack(HOUR, 1, 6) }
local growths = {}
local detached, begun = {}, {}

local function grow_of(number, name, more)
    if number ~= '' and more > 0 then
        local own = growths[number] or {}
        growths[number] = own
        own[name] = (own[name] or 0) + more
    end
end

local function sums_of_each(kept, names)
    local found, sums, place = {}, nil, 0
    for text in string.gmatch(kept or '', '%S+') do
        if place == 0 then
            sums = {}
            found[text] = sums
        else
            sums[names[place]] = tonumber(text)
        end
        place = (place + 1) % (#names + 1)
    end
    return found
end

local function put_sums(key, counted, at_ms, names, found)
    local kept = {}
    for number, sums in pairs(found) do
        kept[#kept + 1] = number
        for _, name in ipairs(names) do
            kept[#kept + 1] = whole(sums[name])
        end
    end
    local new = redis.call('HSET', key, whole(at_ms), table.concat(kept, ' '))
    account[counted] = (account[counted] or 0) + new
    return new
end

local function grown_sums(sums, names, more)
    local grown = {}
    for _, name in ipairs(names) do
        grown[name] = (sums and sums[name] or 0) + (more[name] or 0)
    end
    return grown
end

local function number_hours_now()
    return sums_of_each(redis.call('HGET', NUMBER_HOURS, whole(hour_at)), NUMBER_HOUR)
end

-- Have the hour of each number there at the end, though nothing was received in it.
local function begin_number_hours()
    local found = #rules.numbers > 0 and number_hours_now()
    for _, number in ipairs(rules.numbers) do
        begun[number] = not found[number] or nil
    end
end

local function keep_number_hours()
    for _, number in ipairs(rules.numbers) do
        begun[number] = begun[number] or detached[number]
    end
    for number in pairs(growths) do
        begun[number] = true
    end
    if not next(begun) then
        return
    end
    local found = number_hours_now()
    for number in pairs(begun) do
        local before = found[number]
        local hour = grown_sums(before, NUMBER_HOUR, growths[number] or {})
        hour.attached = detached[number] and 0 or before and before.attached or 1
        found[number] = hour
    end
    put_sums(NUMBER_HOURS, 'number_hours', hour_at, NUMBER_HOUR, found)
end

local function keep_number_minutes()
    if not next(growths) then
        return
    end
    local found = sums_of_each(redis.call('HGET', NUMBER_MINUTES, whole(minute_at)), MINUTE)
    for number, more in pairs(growths) do
        found[number] = grown_sums(found[number], MINUTE, more)
    end
    local new = put_sums(NUMBER_MINUTES, 'number_minutes', minute_at, MINUTE, found)
    if new == 1 and account.number_minutes > MINUTES_KEPT + MINUTES_SPARE then
        forget_old(NUMBER_MINUTES, 'number_minutes', MINUTES_KEPT, MINUTE_MS)
    end
end

