-- Answers of the HTTP Gateway itself: JSON, HTML or plain text, as the client accepts. Their words come from
-- checked names and from this file, so only `html` needs to escape.

local cjson = require 'cjson.safe'

local M = {}

local SAYS = {
    ['bad-host'] = 'The Host header is missing, malformed, or differs from the request line.',
    ['unknown-name'] = 'No container that can be reached here has this name and port.',
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

local function html(text)
    return (text:gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }))
end

local function kind()
    local accept = ngx.var.http_accept or ''
    if accept:find('application/json', 1, true) then return 'json' end
    return accept:find('text/html', 1, true) and 'html' or 'text'
end

function M.send(status, content_type, body)
    ngx.status = status
    local header = ngx.header
    header['Content-Type'] = content_type
    header['Content-Length'] = #body
    header['Cache-Control'] = 'no-store'
    header['X-Content-Type-Options'] = 'nosniff'
    header['Content-Security-Policy'] = "default-src 'none'; frame-ancestors 'none'"
    ngx.print(body)
    return ngx.exit(ngx.HTTP_OK)
end

-- `links`: { href, text } each.
local function document(title, says, links)
    local items = {}
    for i, link in ipairs(links) do
        items[i] = '<li><a href="' .. html(link[1]) .. '">' .. html(link[2]) .. '</a></li>\n'
    end
    return '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8">'
        .. '<meta name="viewport" content="width=device-width">'
        .. '<title>' .. html(title) .. '</title>\n<h1>' .. html(title) .. '</h1>\n'
        .. '<p>' .. html(says) .. '</p>\n'
        .. (#items > 0 and '<ul>\n' .. table.concat(items) .. '</ul>\n' or '') .. '</html>\n'
end

local function text_of(says, links)
    local lines = { says }
    for _, link in ipairs(links) do lines[#lines + 1] = link[1] end
    return table.concat(lines, '\n') .. '\n'
end

local send = M.send

local function tell(status, said)
    local form = kind()
    if form == 'json' then return send(status, 'application/json', cjson.encode(said.json) .. '\n') end
    if form == 'html' then
        return send(status, 'text/html; charset=utf-8', document(said.title, said.says, said.links))
    end
    return send(status, 'text/plain; charset=utf-8', text_of(said.says, said.links))
end

-- Answers with an error.
function M.answer(status, reason)
    ngx.header['X-Flatnet-Error'] = reason
    local json = { version = 1, error = { reason = reason, message = SAYS[reason] } }
    return tell(status, { title = tostring(status), says = SAYS[reason], links = {}, json = json })
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
    local json = { version = 1, error = { reason = reason, message = SAYS[reason] }, ports = entry.list }
    return tell(300, { title = entry.name, says = SAYS[reason], links = links, json = json })
end

-- Lists what can be reached.
function M.list(own, all)
    local links, parts = {}, {}
    for i, item in ipairs(all) do
        links[i] = { '/~' .. item.name .. '/', item.name .. ' on ' .. item.host }
        parts[i] = cjson.encode(item)
    end
    if kind() == 'json' then
        local names = '[' .. table.concat(parts, ',') .. ']'
        return send(200, 'application/json', '{"version":1,"names":' .. names .. '}\n')
    end
    local says = #all == 0 and 'No container can be reached yet.' or 'These containers can be reached here:'
    return tell(200, { title = 'flatnet: ' .. (own or 'starting'), says = says, links = links })
end

return M
