-- The page at the bare address: files that are read before the workers are made, and a plain list for
-- browsers without scripts.

local index = require 'flatnet.index'
local page = require 'flatnet.page'

local M = {}

local FILES = {
    ['/flatnet/page.css'] = { file = 'page.css', kind = 'text/css; charset=utf-8' },
    ['/flatnet/page.js'] = { file = 'page.js', kind = 'text/javascript; charset=utf-8' },
}
local PLAIN = '<!-- plain -->'
-- The page before the plain list and after it.
local head, tail

local function read(path)
    local file, err = io.open(path, 'r')
    if not file then error('flatnet: ' .. err) end
    local text = file:read('*a')
    file:close()
    return text
end

-- Called before the workers are made; an error refuses the start.
function M.load(folder)
    for _, each in pairs(FILES) do
        each.text = read(folder .. '/' .. each.file)
        each.etag = '"' .. ngx.md5(each.text) .. '"'
    end
    local html = read(folder .. '/page.html')
    local from, to = html:find(PLAIN, 1, true)
    if not from then error('flatnet: page.html has no place for the plain list') end
    head, tail = html:sub(1, from - 1), html:sub(to + 1)
end

-- Styles and scripts. Returns false if there is no such file.
function M.file(var)
    local found = FILES[var.uri]
    if not found then return false end
    local header = ngx.header
    header['ETag'] = found.etag
    if var.http_if_none_match == found.etag then
        header['Cache-Control'] = 'no-cache'
        return ngx.exit(304)
    end
    return page.send(200, found.kind, found.text, { cache = 'no-cache' })
end

-- The domain is checked: it holds letters, digits, hyphens and dots only.
local function policy()
    local names = index.domain and (' http://*.' .. index.domain .. ':*') or ''
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        .. "connect-src 'self'" .. names .. "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
end

function M.page()
    local links = page.links_of(index.all())
    return page.send(200, 'text/html; charset=utf-8', head .. page.list_html(links) .. tail,
        { policy = policy() })
end

return M
