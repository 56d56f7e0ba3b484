-- What the agent asks and pushes, on a Unix socket that only root can reach.
--   GET /v1/hosts · PUT, DELETE /v1/hosts/<name> · PUT /v1/self · PUT /v1/texts/<name> · GET /v1/status

local index = require 'flatnet.index'
local json = require 'flatnet.json'
local state = require 'flatnet.state'
local texts = require 'flatnet.texts'

local M = {}

-- lua-cjson writes an empty table as an object, which is what these are.
local function send(status, value)
    ngx.status = status
    ngx.header['Content-Type'] = 'application/json'
    ngx.print(json.encode(value), '\n')
    return ngx.exit(ngx.HTTP_OK)
end

local function body()
    ngx.req.read_body()
    local text = ngx.req.get_body_data()
    if text then return text end
    local path = ngx.req.get_body_file()
    if not path then return nil end
    local file = io.open(path, 'r')
    if not file then return nil end
    text = file:read('*a')
    file:close()
    return text
end

local function put(store)
    local doc, err = json.decode(body() or '')
    if doc == nil then return send(400, { error = 'not JSON: ' .. (err or 'no body') }) end
    local status, reason = store(doc)
    if status ~= true then return send(status, { error = reason }) end
    index.refresh()
    return send(200, { version = state.version() })
end

local function put_text(name)
    local text = body() or ''
    if type(json.decode(text)) ~= 'table' then return send(400, { error = 'not JSON' }) end
    local status, reason = texts.put(name, text)
    if status ~= true then return send(status, { error = reason }) end
    return send(200, { digest = texts.digests()[name] })
end

local function status()
    index.refresh()
    local hosts, names = index.size()
    local heard = state.last_heard()
    return send(200, {
        version = 1,
        host = index.own,
        domain = index.domain,
        hosts = hosts,
        stamps = state.stamps(),
        names = names,
        silent = heard and ngx.time() - heard,
        gateways = json.decode(texts.get('gateways') or 'null'),
        free = state.free_bytes(),
        state = index.version,
        release = index.release,
        worker = ngx.worker.pid(),
        nginx = ngx.config.nginx_version,
        lua = ngx.config.ngx_lua_version,
    })
end

local ROUTES = {
    ['GET /v1/hosts'] = function()
        state.heard()
        local self = state.self()
        return send(200, { version = 1, hosts = state.stamps(), self = self, texts = texts.digests() })
    end,
    ['GET /v1/status'] = status,
    ['PUT /v1/self'] = function()
        state.heard()
        return put(state.put_self)
    end,
}

function M.serve()
    local method = ngx.req.get_method()
    local uri = ngx.var.uri
    local known = ROUTES[method .. ' ' .. uri]
    if known then return known() end
    local name = uri:match('^/v1/hosts/([a-z0-9-]+)$')
    if name and method == 'PUT' then
        return put(function(doc) return state.put_host(name, doc) end)
    end
    if name and method == 'DELETE' then
        state.delete_host(name)
        index.refresh()
        return send(200, { version = state.version() })
    end
    local text = uri:match('^/v1/texts/([a-z]+)$')
    if text and method == 'PUT' then return put_text(text) end
    return send(404, { error = 'unknown request' })
end

return M
