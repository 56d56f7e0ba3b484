-- Health and metrics, on a listener of their own that the LAN cannot reach.

local count = require 'flatnet.count'
local index = require 'flatnet.index'
local state = require 'flatnet.state'

local M = {}

-- Seconds of silence after which the names are too old to promise anything.
local LONGEST_SILENCE = 86400

local function say(status, text)
    ngx.status = status
    ngx.header['Content-Type'] = 'text/plain; charset=utf-8'
    ngx.print(text)
    return ngx.exit(ngx.HTTP_OK)
end

function M.alive()
    return say(200, 'ok\n')
end

-- Returns why this HTTP Gateway should get no requests; nil if it should.
local function obstacle()
    if not index.own then return 'the agent has pushed nothing yet' end
    local heard = state.last_heard()
    if heard and ngx.time() - heard > LONGEST_SILENCE then return 'the agent has been silent for a day' end
    if ngx.worker.exiting() then return 'this worker ends' end
    return nil
end

function M.ready()
    local why = obstacle()
    if why then return say(503, why .. '\n') end
    return say(200, 'ready\n')
end

local FAMILIES = {
    { key = 'requests', name = 'flatnet_http_requests_total', labels = { 'way', 'status' },
        help = 'Requests sent on to a container, by the way that answered and the class of the status.' },
    { key = 'repeated', name = 'flatnet_http_repeated_total', labels = { 'way' },
        help = 'Requests that took more than one try, by the way that answered.' },
    { key = 'refused', name = 'flatnet_http_refused_total', labels = { 'reason' },
        help = 'Requests that the HTTP Gateway answered itself.' },
}

local function series(family, key, value)
    local labels, i = {}, 0
    for word in key:gmatch('|([^|]+)') do
        i = i + 1
        labels[i] = family.labels[i] .. '="' .. word .. '"'
    end
    return family.name .. '{' .. table.concat(labels, ',') .. '} ' .. value .. '\n'
end

local function add_counters(lines)
    local all = count.all()
    for _, family in ipairs(FAMILIES) do
        lines[#lines + 1] = '# HELP ' .. family.name .. ' ' .. family.help .. '\n'
        lines[#lines + 1] = '# TYPE ' .. family.name .. ' counter\n'
        for key, value in pairs(all) do
            if key:sub(1, #family.key + 1) == family.key .. '|' then
                lines[#lines + 1] = series(family, key, value)
            end
        end
    end
end

local function add_gauge(lines, name, help, value)
    lines[#lines + 1] = '# HELP ' .. name .. ' ' .. help .. '\n# TYPE ' .. name .. ' gauge\n'
    lines[#lines + 1] = name .. ' ' .. tostring(value) .. '\n'
end

function M.metrics()
    local lines = {}
    add_counters(lines)
    local hosts, names = index.size()
    add_gauge(lines, 'flatnet_http_hosts', 'Hosts whose containers are known.', hosts)
    add_gauge(lines, 'flatnet_http_names', 'Names of containers that can be reached.', names)
    local heard = state.last_heard()
    add_gauge(lines, 'flatnet_http_agent_silent_seconds', 'Since the agent was last heard; -1 if never.',
        heard and ngx.time() - heard or -1)
    add_gauge(lines, 'flatnet_http_state_free_bytes', 'Whole free pages in the memory for names.',
        state.free_bytes())
    add_gauge(lines, 'flatnet_http_connections', 'Open connections of clients.',
        ngx.var.connections_active or 0)
    return say(200, table.concat(lines))
end

return M
