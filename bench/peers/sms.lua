-- The same job inside nginx: sort the fields, HMAC-SHA1, one answer a day for a sender out of the shared dictionary.
-- A module, loaded once before the workers fork, as lua-nginx-module's documentation advises for everything that is reused.
local sms = {}

local DAY_S = 86400
local FIELDS_MAX = 200
local number

local function append(parts, name, value)
    parts[#parts + 1] = name
    parts[#parts + 1] = value == true and "" or value
end

-- A name that comes more than once brings each of its different values once, in order.
local function append_all(parts, name, values)
    table.sort(values)
    local previous
    for _, value in ipairs(values) do
        if value ~= previous then
            append(parts, name, value)
        end
        previous = value
    end
end

local function signed_text(fields)
    local names = {}
    for name in pairs(fields) do
        names[#names + 1] = name
    end
    table.sort(names)
    local parts = { number.url }
    for _, name in ipairs(names) do
        local value = fields[name]
        if type(value) == "table" then
            append_all(parts, name, value)
        else
            append(parts, name, value)
        end
    end
    return table.concat(parts)
end

function sms.configure(settings)
    number = settings
end

function sms.answer()
    ngx.req.read_body()
    local fields, err = ngx.req.get_post_args(FIELDS_MAX)
    if not fields or err then
        return ngx.exit(ngx.HTTP_BAD_REQUEST)
    end
    local signature = ngx.encode_base64(ngx.hmac_sha1(number.secret, signed_text(fields)))
    -- Lua interns strings, so this compares two addresses: its time does not tell where the signatures differ.
    if signature ~= ngx.var.http_x_twilio_signature then
        return ngx.exit(ngx.HTTP_FORBIDDEN)
    end
    -- `safe_add` refuses when the memory is full, where `add` would forget who was answered.
    local first = ngx.shared.senders:safe_add(fields.From, true, DAY_S)
    local body = first and number.reply or number.silence
    ngx.header.content_type = "application/xml"
    ngx.header.content_length = #body
    ngx.print(body)
end

return sms
