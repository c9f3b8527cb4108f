/** What runs inside Redis for groups of reports: all of them are one hash. */
import { type Script, script } from './scripts.ts';

const READ = `
local function read(stored)
  local n, c, f, l, rest = string.match(stored, '^(%d+) (%d+) (-?%d+) (-?%d+) (.*)$')
  return tonumber(n), tonumber(c), tonumber(f), tonumber(l), rest
end`;

/**
 * Adds to groups, and cuts what is over, by the order of `keptFirst` of the port. Returns keys of those that were not there.
 * KEYS: groups. ARGV: most, the share, how many are many, the bit that is ours, then for each its key, facts, count, clients, first and last.
 */
export const REPORT_ADD: Script = script(`${READ}
local fresh = {}
for at = 5, #ARGV, 6 do
  local key, facts = ARGV[at], ARGV[at + 1]
  local n, c, f, l = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local rest = key .. '\\n' .. facts
  local was = redis.call('HGET', KEYS[1], key)
  if was then
    local wn, wc, wf, wl, wrest = read(was)
    n, c, f, l, rest = n + wn, bit.bor(c, wc), math.min(f, wf), math.max(l, wl), wrest
  else
    fresh[#fresh + 1] = key
  end
  redis.call('HSET', KEYS[1], key, string.format('%.0f %.0f %.0f %.0f ', n, c, f, l) .. rest)
end
local over = redis.call('HLEN', KEYS[1]) - tonumber(ARGV[1])
if over > 0 then
  local all, groups, places = redis.call('HGETALL', KEYS[1]), {}, {}
  local share, many, ours = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  for at = 1, #all, 2 do
    local _, c, _, l = read(all[at + 1])
    local agreed, left = 0, c % ours
    while left > 0 do agreed, left = agreed + left % 2, math.floor(left / 2) end
    groups[#groups + 1] = { key = all[at], ours = c >= ours, clients = c, agreed = agreed, last = l }
  end
  local function byTime(a, b)
    if a.last ~= b.last then return a.last > b.last end
    return a.key < b.key
  end
  table.sort(groups, byTime)
  for _, group in ipairs(groups) do
    local place = (places[group.clients] or 0) + 1
    places[group.clients], group.within = place, group.agreed >= many or place <= share
  end
  table.sort(groups, function (a, b)
    if a.ours ~= b.ours then return a.ours end
    if a.within ~= b.within then return a.within end
    if a.agreed ~= b.agreed then return a.agreed > b.agreed end
    return byTime(a, b)
  end)
  for at = #groups - over + 1, #groups do redis.call('HDEL', KEYS[1], groups[at].key) end
end
return fresh`);

/** KEYS: groups. ARGV: before. Returns how many were forgotten. */
export const FORGET_REPORTS: Script = script(`${READ}
local all, forgotten = redis.call('HGETALL', KEYS[1]), 0
for at = 1, #all, 2 do
  local _, _, _, l = read(all[at + 1])
  if l < tonumber(ARGV[1]) then forgotten = forgotten + redis.call('HDEL', KEYS[1], all[at]) end
end
return forgotten`);
