-- Checks the documents that the agent pushes before they are stored. Everything in them is data from other
-- hosts and from containers; the agent has checked it too.

local bit = require 'bit'

local M = {}

M.MOST_CONTAINERS = 5000
local MOST_NAMES = 64
local MOST_PORTS = 1024
local PATHS = { ['local'] = true, p2p = true, gateway = true }

-- A DNS label (RFC 1123, section 2.1) without "--", which separates a port from a name.
local function is_label(text)
    return type(text) == 'string' and #text <= 63 and not text:find('--', 1, true)
        and (text:find('^[a-z0-9]$') or text:find('^[a-z0-9][a-z0-9-]*[a-z0-9]$')) ~= nil
end
M.is_label = is_label

local function is_whole(value, least, most)
    return type(value) == 'number' and value >= least and value <= most and value % 1 == 0
end

local function is_port(value)
    return is_whole(value, 1, 65535)
end

local function groups_v4(text)
    local a, b, c, d = text:match('^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$')
    if not a then return nil end
    a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
    if a > 255 or b > 255 or c > 255 or d > 255 then return nil end
    return { a * 256 + b, c * 256 + d }
end

local function append_groups(list, text)
    for part in (text .. ':'):gmatch('([^:]*):') do
        if not part:find('^%x%x?%x?%x?$') then return false end
        list[#list + 1] = tonumber(part, 16)
    end
    return true
end

-- The canonical texts that the agent writes: no dotted ending, no zone.
local function groups_v6(text)
    local head, tail = text:match('^(.-)::(.*)$')
    local before, after = {}, {}
    if not head then
        if not append_groups(before, text) or #before ~= 8 then return nil end
        return before
    end
    if tail:find('::', 1, true) then return nil end
    if head ~= '' and not append_groups(before, head) then return nil end
    if tail ~= '' and not append_groups(after, tail) then return nil end
    if #before + #after > 7 then return nil end
    local all = {}
    for i = 1, 8 do all[i] = before[i] or after[i - (8 - #after)] or 0 end
    return all
end

-- Returns an address as a list of 16-bit groups: two for IPv4, eight for IPv6; nil if it is none.
local function groups(text)
    if type(text) ~= 'string' then return nil end
    if text:find(':', 1, true) then return groups_v6(text) end
    return groups_v4(text)
end

local function parse_subnet(text)
    if type(text) ~= 'string' then return nil end
    local address, bits = text:match('^([%x.:]+)/(%d%d?%d?)$')
    local found = address and groups(address)
    if not found or tonumber(bits) > #found * 16 then return nil end
    return { groups = found, bits = tonumber(bits) }
end

local function contains(subnet, address)
    if #subnet.groups ~= #address then return false end
    local left = subnet.bits
    for i = 1, #address do
        if left <= 0 then return true end
        local shift = left >= 16 and 0 or 16 - left
        if bit.rshift(subnet.groups[i], shift) ~= bit.rshift(address[i], shift) then return false end
        left = left - 16
    end
    return true
end

local function is_in_any(subnets, text)
    local address = groups(text)
    if not address then return false end
    for _, subnet in ipairs(subnets) do
        if contains(subnet, address) then return true end
    end
    return false
end

-- Splits "192.168.1.12:80" or "[fd00::1]:80"; nil if the text is neither.
function M.endpoint(text)
    if type(text) ~= 'string' then return nil end
    local address, port = text:match('^%[([%x:]+)%]:(%d+)$')
    if address then
        if not groups_v6(address) then return nil end
        address = '[' .. address .. ']'
    else
        address, port = text:match('^([%d.]+):(%d+)$')
        if not address or not groups_v4(address) then return nil end
    end
    port = tonumber(port)
    if not is_port(port) then return nil end
    return address, port
end

local function list_of(value, most)
    return type(value) == 'table' and #value <= most and (next(value) == nil or value[1] ~= nil)
end

local function check_container(container, subnets, at)
    if type(container) ~= 'table' then return at .. ' needs an object' end
    if not list_of(container.names, MOST_NAMES) then return at .. '.names needs a list of names' end
    for _, name in ipairs(container.names) do
        if not is_label(name) then return at .. '.names: not a DNS label' end
    end
    if not is_in_any(subnets, container.address) then
        return at .. '.address is outside the subnets of its host'
    end
    if container.port ~= nil and not is_port(container.port) then
        return at .. '.port is not a port from 1 to 65535'
    end
    if not list_of(container.ports, MOST_PORTS) then return at .. '.ports needs a list of ports' end
    for _, port in ipairs(container.ports) do
        if not is_port(port) then return at .. '.ports: not a port from 1 to 65535' end
    end
    return nil
end

local function is_hex(text, length)
    return type(text) == 'string' and #text == length and not text:find('[^0-9a-f]')
end

local function is_key(key)
    return type(key) == 'table' and is_hex(key.id, 16) and is_hex(key.secret, 64)
end

-- Returns what is wrong with the document of one host; nil if nothing is.
function M.host(doc, name)
    if type(doc) ~= 'table' then return 'needs an object' end
    if doc.version ~= 1 then return 'version: this HTTP Gateway understands version 1 only' end
    if not is_label(doc.host) or doc.host ~= name then return 'host: needs the name in the path' end
    if not is_whole(doc.epoch, 0, 2 ^ 53) or not is_whole(doc.seq, 0, 2 ^ 53) then
        return 'epoch, seq: need whole numbers'
    end
    if not PATHS[doc.path] then return 'path: needs local, p2p or gateway' end
    if doc.gateway ~= nil and not M.endpoint(doc.gateway) then return 'gateway: needs ADDRESS:PORT' end
    if doc.key ~= nil and not is_key(doc.key) then return 'key: needs id and secret' end
    if not list_of(doc.subnets, 16) then return 'subnets: needs a list' end
    local subnets = {}
    for i, text in ipairs(doc.subnets) do
        subnets[i] = parse_subnet(text)
        if not subnets[i] then return 'subnets: needs networks like 10.87.1.0/24' end
    end
    if not list_of(doc.containers, M.MOST_CONTAINERS) then return 'containers: needs a list' end
    for i, container in ipairs(doc.containers) do
        local problem = check_container(container, subnets, 'containers[' .. (i - 1) .. ']')
        if problem then return problem end
    end
    return nil
end

-- Returns what is wrong with what the agent says of this host; nil if nothing is.
function M.self(doc)
    if type(doc) ~= 'table' then return 'needs an object' end
    if doc.version ~= 1 then return 'version: this HTTP Gateway understands version 1 only' end
    if not is_label(doc.host) then return 'host: needs a DNS label' end
    if doc.overlay ~= nil and not groups(doc.overlay) then return 'overlay: needs an address' end
    if type(doc.domain) ~= 'string' or #doc.domain > 200 then return 'domain: needs a DNS name' end
    for label in (doc.domain .. '.'):gmatch('([^.]*)%.') do
        if not is_label(label) then return 'domain: needs a DNS name' end
    end
    return nil
end

return M
