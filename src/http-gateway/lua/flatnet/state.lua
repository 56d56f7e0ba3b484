-- What the agent has pushed, in shared memory: one key per host, so that no push rewrites another host's
-- value. Keys: "self", "host:<name>" (the document), "stamp:<name>" (its epoch and sequence), "version".

local check = require 'flatnet.check'
local json = require 'flatnet.json'

local M = {}

local hosts = ngx.shared.flatnet_hosts
local marks = ngx.shared.flatnet_marks

-- Twice what shared memory holds. LuaJIT gives up, and nginx with it, on a text of two gigabytes.
local MOST_BYTES = 64 * 1024 * 1024

function M.version()
    return marks:get('version') or 0
end

local function changed()
    marks:incr('version', 1, 0)
end

-- The agent has been heard. Seconds since the epoch.
function M.heard()
    marks:set('heard', ngx.time())
end

function M.last_heard()
    return marks:get('heard')
end

-- Stores a document. Returns true, or a status and a reason; the old document stays then.
local function store(key, doc)
    -- 1e999 is JSON, and becomes a number that is none.
    local text, err = json.encode(doc)
    if not text then return 400, err end
    local ok
    ok, err = hosts:safe_set(key, text)
    if not ok then return 507, err end
    return true
end

-- Stores what the agent says of this host. Returns true, or a status and a reason.
function M.put_self(doc)
    local problem = check.self(doc)
    if problem then return 400, problem end
    local status, reason = store('self', doc)
    if status ~= true then return status, reason end
    changed()
    return true
end

function M.self()
    local text = hosts:get('self')
    return text and json.decode(text)
end

local function is_older(doc, stamp)
    local epoch, seq = stamp:match('^(%d+)-(%d+)$')
    epoch, seq = tonumber(epoch), tonumber(seq)
    return doc.epoch < epoch or (doc.epoch == epoch and doc.seq <= seq)
end

function M.stamp(doc)
    return string.format('%.0f-%.0f', doc.epoch, doc.seq)
end

-- Stores one host's document. Returns true, or a status and a reason; the old document stays then.
function M.put_host(name, doc)
    local problem = check.host(doc, name)
    if problem then return 400, problem end
    local stamp = hosts:get('stamp:' .. name)
    if stamp and is_older(doc, stamp) then return 409, 'older than ' .. stamp end
    local status, reason = store('host:' .. name, doc)
    if status ~= true then return status, reason end
    local ok, err = hosts:safe_set('stamp:' .. name, M.stamp(doc))
    if not ok then return 507, err end
    changed()
    return true
end

function M.delete_host(name)
    hosts:delete('host:' .. name)
    hosts:delete('stamp:' .. name)
    changed()
end

-- Returns the stamps by host.
function M.stamps()
    local found = {}
    for _, key in ipairs(hosts:get_keys(0)) do
        local name = key:match('^stamp:(.+)$')
        if name then found[name] = hosts:get(key) end
    end
    return found
end

function M.host(name)
    local text = hosts:get('host:' .. name)
    return text and json.decode(text)
end

function M.free_bytes()
    return hosts:free_space()
end

-- Loads the file that the agent keeps, where shared memory is empty. A file that cannot be used is reported
-- and passed over: the agent pushes everything again.
function M.load_file(path)
    if hosts:get('self') then return end
    local file = io.open(path, 'r')
    if not file then return end
    local size = file:seek('end')
    if size > MOST_BYTES then
        file:close()
        ngx.log(ngx.ERR, 'flatnet: ', path, ' is not used: ', size, ' bytes are too many')
        return
    end
    file:seek('set')
    local text = file:read('*a')
    file:close()
    local doc, err = json.decode(text)
    if type(doc) ~= 'table' or doc.version ~= 1 or type(doc.hosts) ~= 'table' then
        ngx.log(ngx.ERR, 'flatnet: ', path, ' is not used: ', err or 'not a snapshot of version 1')
        return
    end
    local status, reason = M.put_self(doc.self)
    if status ~= true then ngx.log(ngx.ERR, 'flatnet: ', path, ': self: ', reason) end
    for _, host in ipairs(doc.hosts) do
        local name = type(host) == 'table' and host.host or ''
        status, reason = M.put_host(name, host)
        if status ~= true then
            ngx.log(ngx.ERR, 'flatnet: ', path, ': host ', tostring(name), ': ', reason)
        end
    end
end

return M
