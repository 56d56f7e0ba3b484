-- What browsers and other hosts' agents ask at the bare address.
--   GET /api/v1/gateways · GET /api/v1/office · GET /api/v1/hello?key=<id>&nonce=<hex>

local cjson = require 'cjson.safe'
local count = require 'flatnet.count'
local index = require 'flatnet.index'
local page = require 'flatnet.page'
local state = require 'flatnet.state'
local texts = require 'flatnet.texts'

local M = {}

-- Hands on a text. 304 to a client that has it, 503 before the agent has told it.
local function text(name)
    local body = texts.get(name)
    if not body then
        count.refused('not-told')
        return page.answer(503, 'not-told')
    end
    local heard = state.last_heard()
    local header = ngx.header
    local etag = '"' .. texts.digest(name) .. '"'
    header['ETag'] = etag
    -- How old what it says may be.
    header['X-Flatnet-Silent'] = heard and ngx.time() - heard or -1
    if ngx.var.http_if_none_match == etag then
        header['Cache-Control'] = 'no-store'
        return ngx.exit(304)
    end
    return page.send(200, 'application/json', body)
end

-- Proves to another host's agent that this is the HTTP Gateway of this host (src/http-gateway/proof.ts).
local function hello(var)
    -- Every host asks every two seconds.
    var.flatnet_unlogged = '1'
    local id, nonce = var.arg_key or '', var.arg_nonce or ''
    local secret = index.secret(id)
    if not secret or not index.overlay or not nonce:find('^%x+$') or #nonce ~= 32 then
        return page.answer(404, 'unknown-key')
    end
    local proof = ngx.hmac_sha1(secret, 'flatnet http-gateway v1\n' .. index.overlay .. '\n' .. nonce)
    local said = { version = 1, host = index.own, proof = ngx.encode_base64(proof) }
    return page.send(200, 'application/json', cjson.encode(said) .. '\n')
end

local ROUTES = {
    ['/api/v1/gateways'] = function() return text('gateways') end,
    ['/api/v1/office'] = function() return text('office') end,
    ['/api/v1/hello'] = hello,
}

-- Answers if there is something at this path; false if there is not.
function M.serve(var)
    local found = ROUTES[var.uri]
    if not found then return false end
    local method = ngx.req.get_method()
    if method ~= 'GET' and method ~= 'HEAD' then
        ngx.header['Allow'] = 'GET, HEAD'
        return page.answer(405, 'wrong-method')
    end
    return found(var)
end

return M
