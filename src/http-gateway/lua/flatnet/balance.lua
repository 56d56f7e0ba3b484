-- The balancer phase: names the address of each try. The order was made with the entry (index.lua); this file
-- only moves along it.

local balancer = require 'ngx.balancer'
local index = require 'flatnet.index'

local M = {}

local marks = ngx.shared.flatnet_marks

-- Seconds. A container that accepts nothing within the first limit is tried on its next way.
local CONNECT, GATEWAY_CONNECT = 0.3, 0.9
local SEND, READ, LONG_READ = 30, 300, 3600
-- How long new requests pass over a way that accepts no connection.
local BAD_FOR = 2

local function set_timeouts(ctx, connect)
    return balancer.set_timeouts(connect, SEND, ctx.is_long and LONG_READ or READ)
end

-- Turns to the other host's HTTP Gateway, or back to the container: only a try there carries the headers of
-- a hop.
local function turn_to(ctx, entry, at)
    local var = ngx.var
    if at == 2 then
        var.flatnet_hop = index.own
        var.flatnet_target = ctx.target or (ctx.port ~= entry.port and ctx.port .. '--' or '')
            .. entry.name .. '@' .. entry.host
    else
        var.flatnet_hop, var.flatnet_target = '', ''
    end
    var.flatnet_route = entry.routes[at]
    balancer.recreate_request()
    set_timeouts(ctx, at == 2 and GATEWAY_CONNECT or CONNECT)
end

local function connect(ctx, entry, at)
    ctx.at = at
    local port = entry.ways[at] == 'http-gateway' and entry.gateway_port or ctx.port
    return balancer.set_current_peer(entry.addresses[at], port)
end

local function first(ctx, entry)
    ctx.tries = 1
    local at = 1
    if entry.n > 1 and marks:get(entry.bad) and not marks:get(entry.bad_gateway) then
        at = 2
        turn_to(ctx, entry, at)
    elseif ctx.is_long then
        set_timeouts(ctx, CONNECT)
    end
    -- Every way once more than once: see `again`.
    balancer.set_more_tries(entry.n == 1 and 1 or 5 - at)
    return connect(ctx, entry, at)
end

-- The way to take after both tries on one, or after one that timed out.
local function next_way(ctx, entry, status)
    if ctx.at == 2 then
        marks:set(entry.bad_gateway, true, BAD_FOR)
        return 1
    end
    if status == 504 and not entry.is_local then marks:set(entry.bad, true, BAD_FOR) end
    return entry.n > 1 and not marks:get(entry.bad_gateway) and 2 or 1
end

-- A connection that was refused or closed costs nothing to repeat once: it may have been a kept one that the
-- container had just closed. One that timed out is not repeated.
local function again(ctx, entry)
    ctx.tries = ctx.tries + 1
    local _, status = balancer.get_last_failure()
    local at = ctx.at
    if status ~= 504 and ctx.repeated ~= at then
        ctx.repeated = at
    else
        at = next_way(ctx, entry, status)
    end
    if at ~= ctx.at then turn_to(ctx, entry, at) end
    return connect(ctx, entry, at)
end

function M.balance()
    local ctx = ngx.ctx
    local entry = ctx.entry
    local ok, err
    if ctx.tries then
        ok, err = again(ctx, entry)
    else
        ok, err = first(ctx, entry)
    end
    if not ok then
        ngx.log(ngx.ERR, 'flatnet: ', err)
        return ngx.exit(502)
    end
end

return M
