-- Whole JSON documents that the agent makes for browsers and other hosts. They are handed on as they came.
-- Each has a dictionary of its own: one large value beside small ones would be lost
-- (lua-nginx-module#279).

local M = {}

local KEY = 'text'

local function dict(name)
    return ngx.shared['flatnet_' .. name]
end

local NAMES = { 'gateways', 'office' }
local KNOWN = {}
for _, name in ipairs(NAMES) do KNOWN[name] = true end

-- Stores a text. Returns true, or a status and a reason.
function M.put(name, text)
    if not KNOWN[name] then return 404, 'unknown text' end
    local ok, err = dict(name):safe_set(KEY, text)
    if not ok then return 507, err end
    dict(name):set('digest', ngx.md5(text))
    return true
end

function M.get(name)
    return dict(name):get(KEY)
end

-- Returns the digest of one text; nil if there is none.
function M.digest(name)
    return dict(name):get('digest')
end

-- Returns the digests by name.
function M.digests()
    local found = {}
    for _, name in ipairs(NAMES) do found[name] = M.digest(name) end
    return found
end

return M
