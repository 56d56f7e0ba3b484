-- Reads the Host header and the path form: which container a request names. Refuses rather than repairs.

local M = {}

local domain = nil
local cache, cached = {}, 0
local MOST_CACHED = 10000

function M.set_domain(name)
    domain = name
    cache, cached = {}, 0
end

local BAD = { kind = 'bad' }

-- Reads "<name>", "<port>--<name>".
local function read_label(label)
    local port, name = label:match('^(%d+)%-%-(.+)$')
    if port then
        port = tonumber(port)
        if port < 1 or port > 65535 then return nil end
        return name, port
    end
    return label, nil
end

local function read_name(host, inner)
    local first, at = inner:match('^([^.]+)%.([^.]+)$')
    if not first then
        if inner:find('.', 1, true) then return { kind = 'foreign', host = host } end
        first = inner
    end
    local name, port = read_label(first)
    if not name then return { kind = 'foreign', host = host } end
    return { kind = 'name', host = host, name = name, port = port, at = at }
end

local function ends_with(text, ending)
    return #text > #ending and text:sub(-#ending) == ending
end

local function parse(raw)
    local literal, literal_port = raw:match('^(%[[%x:.]+%])(.*)$')
    if literal then
        if literal_port ~= '' and not literal_port:find('^:%d*$') then return BAD end
        return { kind = 'bare', host = literal:lower() }
    end
    local host, port = raw:match('^([^:]+):?(%d*)$')
    if not host or (port ~= '' and tonumber(port) > 65535) then return BAD end
    host = host:lower():gsub('%.$', '')
    if #host > 253 or not host:find('^[a-z0-9.-]+$') or host:find('..', 1, true) then return BAD end
    if host == 'localhost' or host == domain or host:find('^%d+%.%d+%.%d+%.%d+$') then
        return { kind = 'bare', host = host }
    end
    for _, suffix in ipairs({ '.' .. (domain or ''), '.localhost' }) do
        if suffix ~= '.' and ends_with(host, suffix) then
            return read_name(host, host:sub(1, #host - #suffix))
        end
    end
    return { kind = 'foreign', host = host }
end

-- Returns what a Host header names: { kind, host, name, port, at }. Kinds: "name"; "bare" (an address,
-- localhost or the domain itself); "foreign" (a name of another domain); "bad". The same table for the
-- same header, so that requests cost one lookup.
function M.of_host(raw)
    local found = cache[raw]
    if found then return found end
    if cached >= MOST_CACHED then cache, cached = {}, 0 end
    found = parse(raw)
    cache[raw], cached = found, cached + 1
    return found
end

-- Splits "/~web/a?b", "/~8080--web@host-b/": returns name, port, host, the prefix "/~web" and the rest of the
-- raw URI ("" where the slash is missing); nil if the URI has not this form.
function M.of_path(uri)
    local word, rest = uri:match('^/~([a-z0-9@-]+)(.*)$')
    if not word then return nil end
    local first = rest:sub(1, 1)
    if first ~= '' and first ~= '/' and first ~= '?' then return nil end
    local label, at = word:match('^([^@]+)@([^@]+)$')
    if not label and word:find('@', 1, true) then return nil end
    local name, port = read_label(label or word)
    if not name then return nil end
    return name, port, at, '/~' .. word, rest
end

-- Reads the target of a hop, "<name>@<host>" or "<port>--<name>@<host>".
function M.of_target(text)
    local label = text:match('^([a-z0-9-]+)@[a-z0-9-]+$')
    if not label then return nil end
    return read_label(label)
end

return M
