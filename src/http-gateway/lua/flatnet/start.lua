-- Loads every module and the last state before the workers are made, and keeps each worker's tables up to
-- date. An error here refuses the start, and `nginx -t`.

local count = require 'flatnet.count'
local index = require 'flatnet.index'
local route = require 'flatnet.route'
local site = require 'flatnet.site'
local state = require 'flatnet.state'
require 'flatnet.admin'
require 'flatnet.balance'
require 'flatnet.health'

local M = {}

-- Seconds between two looks at the version, and between two additions to the shared counters.
local LOOK, FLUSH = 0.05, 1

-- `release` names the files that this nginx runs, for `install`; `pages` is the folder of the page.
function M.init(snapshot, release, pages)
    index.release = release
    site.load(pages)
    state.load_file(snapshot)
    index.refresh()
end

local function every(seconds, work)
    local ok, err = ngx.timer.every(seconds, function(premature)
        if not premature then work() end
    end)
    if not ok then ngx.log(ngx.ERR, 'flatnet: ', err) end
end

function M.init_worker()
    route.seed()
    every(LOOK, index.refresh)
    every(FLUSH, count.flush)
end

return M
