-- Answers of the HTTP Gateway itself: JSON, HTML or plain text, as the client accepts. Their words come from
-- checked names and from this file, so only `html` needs to escape.

local cjson = require 'cjson.safe'

local M = {}

local SAYS = {
    ['bad-host'] = 'The Host header is missing, malformed, or differs from the request line.',
    ['unknown-name'] = 'No container that can be reached here has this name and port.',
    ['close-names'] = 'Did you mean:',
    ['unknown-page'] = 'There is no such page.',
    ['not-here'] = 'Another HTTP Gateway asked for a container that this host does not have.',
    ['loop'] = 'The request has come back to the HTTP Gateway that sent it.',
    ['no-default-port'] = 'The container has several ports: choose one.',
    ['no-answer'] = 'The container cannot be reached, or it closed the connection.',
    ['no-answer-in-time'] = 'The container did not answer in time.',
    ['not-told'] = 'The agent has told nothing yet.',
    ['unknown-key'] = 'This HTTP Gateway has no such key.',
    ['wrong-method'] = 'This can only be read.',
    ['too-many-connections'] = 'This client has too many connections open.',
}

local SAYS_JA = {
    ['bad-host'] = 'Host ヘッダーがないか、不正か、リクエスト行と異なります。',
    ['unknown-name'] = 'この名前とポートで開けるコンテナはありません。',
    ['close-names'] = 'もしかして:',
    ['unknown-page'] = 'このページはありません。',
    ['no-default-port'] = 'このコンテナには複数のポートがあります。選んでください。',
    ['no-answer'] = 'コンテナに接続できないか、コンテナが接続を閉じました。',
    ['no-answer-in-time'] = 'コンテナが時間内に応答しませんでした。',
    ['too-many-connections'] = 'このクライアントの接続が多すぎます。',
    ['not-told'] = 'エージェントからまだ情報が届いていません。',
}

local function html(text)
    return (text:gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }))
end

-- Returns the form that the client accepts: "json", "html" or "text".
function M.kind()
    local accept = ngx.var.http_accept or ''
    if accept:find('application/json', 1, true) then return 'json' end
    return accept:find('text/html', 1, true) and 'html' or 'text'
end

-- `more`: { cache, policy } in place of the strictest.
function M.send(status, content_type, body, more)
    ngx.status = status
    local header = ngx.header
    header['Content-Type'] = content_type
    header['Content-Length'] = #body
    header['Cache-Control'] = more and more.cache or 'no-store'
    header['X-Content-Type-Options'] = 'nosniff'
    header['Referrer-Policy'] = 'same-origin'
    header['Content-Security-Policy'] = more and more.policy or "default-src 'none'; frame-ancestors 'none'"
    ngx.print(body)
    return ngx.exit(ngx.HTTP_OK)
end

local send = M.send

-- Returns a list of links: { href, text } each.
function M.list_html(links)
    local items = {}
    for i, link in ipairs(links) do
        items[i] = '<li><a href="' .. html(link[1]) .. '">' .. html(link[2]) .. '</a></li>\n'
    end
    return #items > 0 and '<ul>\n' .. table.concat(items) .. '</ul>\n' or ''
end

local function document(said)
    local title = html(said.title)
    return '<!DOCTYPE html>\n<html lang="' .. said.language .. '"><head><meta charset="utf-8">'
        .. '<meta name="viewport" content="width=device-width, initial-scale=1">'
        .. '<meta name="color-scheme" content="light dark">'
        .. '<title>' .. title .. '</title></head>\n<body><main>\n<h1>' .. title .. '</h1>\n<p>'
        .. html(said.says) .. '</p>\n' .. M.list_html(said.links) .. '</main></body></html>\n'
end

local function text_of(says, links)
    local lines = { says }
    for _, link in ipairs(links) do lines[#lines + 1] = link[1] end
    return table.concat(lines, '\n') .. '\n'
end

-- `said`: title, language, says, links, json.
local function tell(status, said)
    local form = M.kind()
    if form == 'json' then return send(status, 'application/json', cjson.encode(said.json) .. '\n') end
    if form == 'html' then return send(status, 'text/html; charset=utf-8', document(said)) end
    return send(status, 'text/plain; charset=utf-8', text_of(said.says, said.links))
end

-- Whether the client prefers Japanese: the first language of its list.
local function is_japanese()
    return (ngx.var.http_accept_language or ''):find('^%s*ja') ~= nil
end

local function said_of(reason)
    local is_ja = is_japanese()
    return is_ja and SAYS_JA[reason] or SAYS[reason], is_ja and 'ja' or 'en'
end

local function json_of(reason)
    return { version = 1, error = { reason = reason, message = SAYS[reason] } }
end

-- Answers with an error.
function M.answer(status, reason)
    ngx.header['X-Flatnet-Error'] = reason
    local says, language = said_of(reason)
    local title = tostring(status)
    return tell(status,
        { title = title, language = language, says = says, links = {}, json = json_of(reason) })
end

-- Answers that a name is unknown, and offers close ones. `link` makes the address of one.
function M.unknown(offers, link)
    local reason = 'unknown-name'
    ngx.header['X-Flatnet-Error'] = reason
    local says, language = said_of(reason)
    local links, near = {}, {}
    for i, item in ipairs(offers) do
        links[i] = { link(item.name), item.name .. ' (' .. item.host .. ')' }
        near[i] = { name = item.name, host = item.host }
    end
    if #links > 0 then says = says .. ' ' .. said_of('close-names') end
    local json = json_of(reason)
    if #near > 0 then json.near = near end
    return tell(404, { title = '404', language = language, says = says, links = links, json = json })
end

-- Answers nginx's own errors about a container (error_page).
function M.failed()
    local reason = ngx.status == 504 and 'no-answer-in-time' or 'no-answer'
    if ngx.status == 429 then reason = 'too-many-connections' end
    return M.answer(ngx.status, reason)
end

-- Offers the ports of a container that has no default one.
function M.ports(entry)
    local links = {}
    for i, port in ipairs(entry.list) do
        links[i] = { '/~' .. port .. '--' .. entry.name .. '@' .. entry.host .. '/', 'port ' .. port }
    end
    ngx.header['X-Flatnet-Error'] = 'no-default-port'
    local reason = 'no-default-port'
    local says, language = said_of(reason)
    local json = json_of(reason)
    json.ports = entry.list
    return tell(300, { title = entry.name, language = language, says = says, links = links, json = json })
end

-- Returns links to names.
function M.links_of(all)
    local links = {}
    for i, item in ipairs(all) do
        links[i] = { '/~' .. item.name .. '/', item.name .. ' (' .. item.host .. ')' }
    end
    return links
end

-- Lists what can be reached, as JSON or text (site.lua has the page).
function M.list(all)
    if M.kind() == 'json' then
        local parts = {}
        for i, item in ipairs(all) do parts[i] = cjson.encode(item) end
        local names = '[' .. table.concat(parts, ',') .. ']'
        return send(200, 'application/json', '{"version":1,"names":' .. names .. '}\n')
    end
    local says = #all == 0 and 'No container can be reached yet.' or 'These containers can be reached here:'
    return send(200, 'text/plain; charset=utf-8', text_of(says, M.links_of(all)))
end

return M
