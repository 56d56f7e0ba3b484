-- Names that look like one that is unknown.

local M = {}

local MOST_OFFERED = 5
-- Comparisons for one answer: they cost a worker two milliseconds at most.
local MOST_COMPARED = 2000

-- Two rows of the table of distances, used in turn: new ones for every letter would cost an answer megabytes.
local above, below = {}, {}

-- The number of letters to insert, delete or replace (Levenshtein), or `most` + 1 if there are more.
local function distance(one, other, most)
    local before, row = above, below
    for j = 0, #other do before[j] = j end
    for i = 1, #one do
        row[0] = i
        local least = i
        local letter = one:byte(i)
        for j = 1, #other do
            local cost = letter == other:byte(j) and 0 or 1
            row[j] = math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + cost)
            if row[j] < least then least = row[j] end
        end
        if least > most then return most + 1 end
        before, row = row, before
    end
    return before[#other]
end

-- Returns up to five of `all` ({ name, host } each), the closest first.
function M.find(all, asked)
    if #asked > 63 then return {} end
    local most = #asked <= 4 and 1 or 2
    local found, compared = {}, 0
    for _, item in ipairs(all) do
        local name = item.name
        local rank
        if #name > 2 and #asked > 2 and (name:find(asked, 1, true) or asked:find(name, 1, true)) then
            rank = most + 1
        end
        if math.abs(#name - #asked) <= most and compared < MOST_COMPARED then
            compared = compared + 1
            local far = distance(asked, name, most)
            if far <= most then rank = far end
        end
        if rank then found[#found + 1] = { rank = rank, name = name, host = item.host } end
    end
    table.sort(found, function(one, other)
        if one.rank ~= other.rank then return one.rank < other.rank end
        return one.name < other.name
    end)
    for i = MOST_OFFERED + 1, #found do found[i] = nil end
    return found
end

return M
