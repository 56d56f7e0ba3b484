-- The tables that requests are routed by: one per worker, made when documents change, never during a
-- request. An entry is a container under one name, with the ways to it in the order of trying.

local check = require 'flatnet.check'
local names = require 'flatnet.names'
local state = require 'flatnet.state'

local M = { version = -1, own = nil, domain = nil, overlay = nil, release = nil }

-- Documents in use by host: { stamp, entries by name }.
local hosts = {}
-- All entries of a name: name -> host -> entry.
local owners = {}
local by_name, by_full = {}, {}
-- All names in order; nil until they are asked for.
local list
-- The secrets by which this HTTP Gateway proves itself to other hosts, by their IDs.
local secrets = {}

local function bracketed(address)
    return address:find(':', 1, true) and '[' .. address .. ']' or address
end

local function make_entry(doc, container, name)
    local ports = {}
    for _, port in ipairs(container.ports) do ports[port] = true end
    local entry = {
        host = doc.host,
        name = name,
        is_local = doc.path == 'local',
        port = container.port,
        ports = ports,
        list = container.ports,
        n = 1,
        ways = { doc.path },
        addresses = { bracketed(container.address) },
        routes = { doc.path .. ' ' .. name .. '@' .. doc.host },
        -- Set while connections to the host's containers time out (balance.lua).
        bad = 'bad:' .. doc.host,
        -- Set while its HTTP Gateway accepts no connection.
        bad_gateway = 'bad-gateway:' .. doc.host,
    }
    if doc.gateway and not entry.is_local then
        entry.n = 2
        entry.ways[2] = 'http-gateway'
        entry.addresses[2], entry.gateway_port = check.endpoint(doc.gateway)
        entry.routes[2] = 'http-gateway ' .. name .. '@' .. doc.host
    end
    return entry
end

local function entries_of(doc)
    local entries = {}
    for _, container in ipairs(doc.containers) do
        for _, name in ipairs(container.names) do
            if not entries[name] then entries[name] = make_entry(doc, container, name) end
        end
    end
    return entries
end

-- The container of this host comes first, then the host that is first in byte order.
local function is_before(one, other)
    if one.is_local ~= other.is_local then return one.is_local end
    return one.host < other.host
end

local function choose(name)
    local best
    for _, entry in pairs(owners[name] or {}) do
        if not best or is_before(entry, best) then best = entry end
    end
    by_name[name] = best
    list = nil
    if not best then owners[name] = nil end
end

local function remove(host)
    local known = hosts[host]
    if not known then return end
    hosts[host] = nil
    -- A host that has another name now may already be there under it.
    local id = known.key and known.key.id
    if id and secrets[id] and secrets[id].host == host then secrets[id] = nil end
    for name in pairs(known.entries) do
        owners[name][host] = nil
        by_full[name .. '.' .. host] = nil
        choose(name)
    end
end

local function add(host, stamp, doc)
    local entries = entries_of(doc)
    hosts[host] = { stamp = stamp, entries = entries, key = doc.key }
    if doc.key then secrets[doc.key.id] = { host = host, secret = doc.key.secret } end
    for name, entry in pairs(entries) do
        owners[name] = owners[name] or {}
        owners[name][host] = entry
        by_full[name .. '.' .. host] = entry
        choose(name)
    end
end

-- Brings the tables to what shared memory holds. Documents that have not changed cost nothing.
function M.refresh()
    local version = state.version()
    if version == M.version then return end
    local self = state.self()
    if self then
        if self.domain ~= M.domain then names.set_domain(self.domain) end
        M.own, M.domain, M.overlay = self.host, self.domain, self.overlay
    end
    local stamps = state.stamps()
    for host in pairs(hosts) do
        if not stamps[host] then remove(host) end
    end
    for host, stamp in pairs(stamps) do
        if not hosts[host] or hosts[host].stamp ~= stamp then
            local doc = state.host(host)
            if doc then
                remove(host)
                add(host, stamp, doc)
                -- Else the collector waits until the old documents and tables are as large as the new ones.
                collectgarbage('step', 256)
            end
        end
    end
    M.version = version
end

-- Returns the entry of a name, on a certain host where one is named.
function M.find(name, host)
    if host then return by_full[name .. '.' .. host] end
    return by_name[name]
end

-- Returns the secret with this ID.
function M.secret(id)
    return secrets[id] and secrets[id].secret
end

-- Returns all names in order, each with the host whose container answers. Every request for an unknown name
-- asks, so the list is made once.
function M.all()
    if list then return list end
    list = {}
    for name, entry in pairs(by_name) do list[#list + 1] = { name = name, host = entry.host } end
    table.sort(list, function(one, other) return one.name < other.name end)
    return list
end

-- Returns the number of hosts and of names.
function M.size()
    local count, named = 0, 0
    for _ in pairs(hosts) do count = count + 1 end
    for _ in pairs(by_name) do named = named + 1 end
    return count, named
end

return M
