-- Counters: kept in the worker, added to shared memory once a second, so that a request costs no lock.

local M = {}

local shared = ngx.shared.flatnet_counts
local own = {}

local function add(key)
    own[key] = (own[key] or 0) + 1
end

function M.refused(reason)
    add('refused|' .. reason)
end

local KEYS = {}

-- The log phase of a request that was sent on.
function M.log()
    local ctx = ngx.ctx
    local entry = ctx.entry
    if not entry or not ctx.at then return end
    local way = entry.ways[ctx.at]
    local status = math.floor(ngx.status / 100)
    local of_way = KEYS[way]
    if not of_way then
        of_way = {}
        KEYS[way] = of_way
    end
    local key = of_way[status]
    if not key then
        key = 'requests|' .. way .. '|' .. status .. 'xx'
        of_way[status] = key
    end
    add(key)
    if ctx.tries > 1 then add('repeated|' .. way) end
end

function M.flush()
    for key, value in pairs(own) do
        shared:incr(key, value, 0)
        own[key] = nil
    end
end

-- Returns the counters by key.
function M.all()
    M.flush()
    local found = {}
    for _, key in ipairs(shared:get_keys(0)) do found[key] = shared:get(key) end
    return found
end

return M
