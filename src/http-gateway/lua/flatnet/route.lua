-- The access phase: chooses the container of a request, or answers that there is none. One plain function per
-- location, because LuaJIT does not compile the code of a block.

local api = require 'flatnet.api'
local count = require 'flatnet.count'
local index = require 'flatnet.index'
local names = require 'flatnet.names'
local near = require 'flatnet.near'
local page = require 'flatnet.page'
local site = require 'flatnet.site'

local M = {}

-- Bodies up to this size are held in memory, so that a request can be sent a second time.
local HELD_BYTES = 65536

local base, serial = '', 0

-- Called once in each worker: request IDs are unique, not secret.
function M.seed()
    base = string.format('%x-%x-', ngx.time(), ngx.worker.pid())
end

local function next_id()
    serial = serial + 1
    return base .. serial
end

local function refuse(status, reason)
    count.refused(reason)
    return page.answer(status, reason)
end

-- Answers that no container has this name. Only those who know the office's domain, or come by address, are
-- offered names.
local function refuse_name(name, link)
    count.refused('unknown-name')
    return page.unknown(near.find(index.all(), name), link)
end

local function host_link(asked, var)
    local port = var.http_host:match(':%d+$') or ''
    local domain = asked.host:find('%.localhost$') and 'localhost' or index.domain
    return function(name) return 'http://' .. name .. '.' .. domain .. port .. '/' end
end

local function path_link(name)
    return '/~' .. name .. '/'
end

local function hold_body(var)
    local length = var.http_content_length
    if length and tonumber(length) <= HELD_BYTES then ngx.req.read_body() end
end

-- Lets the request go on to the balancer.
local function send_on(var, entry, port, special)
    local ctx = ngx.ctx
    ctx.entry = entry
    ctx.port = port
    if special then
        ctx.is_long = var.http_upgrade ~= nil or var.flatnet_stream ~= ''
        hold_body(var)
    end
    var.flatnet_id = next_id()
    var.flatnet_route = entry.routes[1]
end

local function to_container(var, entry, port, special)
    if not entry then return refuse(404, 'unknown-name') end
    if not port then
        port = entry.port
        if not port then
            count.refused('no-default-port')
            return page.ports(entry)
        end
    elseif not entry.ports[port] then
        return refuse(404, 'unknown-name')
    end
    return send_on(var, entry, port, special)
end

-- A request from another HTTP Gateway reaches a container of this host or none, so no request passes through
-- more than two, even if their tables disagree.
local function by_hop(var, hop, asked)
    if hop == index.own then return refuse(508, 'loop') end
    local name, port = asked.name, asked.port
    local target = var.http_x_flatnet_target
    if target then name, port = names.of_target(target) end
    local entry = name and index.own and index.find(name, index.own)
    if not entry then return refuse(502, 'not-here') end
    return to_container(var, entry, port, true)
end

local function ask(var)
    local raw = var.http_host
    if not raw then return nil end
    local asked = names.of_host(raw)
    -- In "GET http://a/" with "Host: b", nginx takes the name from the request line.
    if asked.kind == 'bad' or asked.host ~= var.host then return nil end
    return asked
end

-- Follows an absolute link of a page in path form: the Referer tells which container it belongs to.
local function referred(var)
    local referer = var.http_referer
    if not referer then return nil end
    local origin = 'http://' .. var.http_host
    if referer:sub(1, #origin) ~= origin then return nil end
    local name, port, at, prefix = names.of_path(referer:sub(#origin + 1))
    if not name then return nil end
    local entry = index.find(name, at)
    if not entry or (port and not entry.ports[port]) then return nil end
    return prefix
end

local function bare(var)
    if var.uri == '/' then
        if page.kind() == 'html' then return site.page() end
        return page.list(index.all())
    end
    local prefix = referred(var)
    local uri = var.request_uri
    if prefix and uri:find('^/[^/\\]') then return ngx.redirect(prefix .. uri, 307) end
    if site.file(var) ~= false or api.serve(var) ~= false then return end
    return refuse(404, 'unknown-page')
end

-- Location "/".
function M.by_host()
    local var = ngx.var
    local asked = ask(var)
    if not asked then return refuse(400, 'bad-host') end
    local special = var.flatnet_special ~= ''
    local hop = special and var.http_x_flatnet_hop
    if hop then return by_hop(var, hop, asked) end
    if asked.kind == 'name' then
        local entry = index.find(asked.name, asked.at)
        if not entry then return refuse_name(asked.name, host_link(asked, var)) end
        return to_container(var, entry, asked.port, special)
    end
    if asked.kind == 'foreign' then return refuse(404, 'unknown-name') end
    return bare(var)
end

-- Location "/~": the path form, unless the Host names a container.
function M.by_path()
    local var = ngx.var
    local asked = ask(var)
    if not asked then return refuse(400, 'bad-host') end
    local hop = var.http_x_flatnet_hop
    local uri = var.request_uri
    if hop or asked.kind ~= 'bare' then
        var.flatnet_uri = uri
        return M.by_host()
    end
    local name, port, at, prefix, rest = names.of_path(uri)
    -- nginx has chosen this location by the decoded path; the container gets the raw one. Both must begin
    -- with the prefix, or "/~web/../x" would reach the container as "/../x".
    if not name or var.uri:sub(1, #prefix + 1) ~= (rest:find('^/') and prefix .. '/' or prefix) then
        return refuse(404, 'unknown-page')
    end
    local entry = index.find(name, at)
    if not entry then return refuse_name(name, path_link) end
    if rest == '' or rest:sub(1, 1) == '?' then return ngx.redirect(prefix .. '/' .. rest, 308) end
    var.flatnet_prefix = prefix
    var.flatnet_uri = rest
    ngx.ctx.target = (port and port .. '--' or '') .. entry.name .. '@' .. entry.host
    return to_container(var, entry, port, true)
end

return M
