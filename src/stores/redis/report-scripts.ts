/** What runs inside Redis for groups of reports: all of them are one hash. */
import { type Script, script } from './scripts.ts';

const READ = `
local function read(stored)
  local n, c, f, l, rest = string.match(stored, '^(%d+) (%d+) (-?%d+) (-?%d+) (.*)$')
  return tonumber(n), tonumber(c), tonumber(f), tonumber(l), rest
end`;

/**
 * Adds to groups, and cuts what is over: those of one client first, and of these what was sent longest ago. Returns keys of
 * those that were not there.
 * KEYS: groups. ARGV: most, then for each its key, facts, count, clients, first and last.
 */
export const REPORT_ADD: Script = script(`${READ}
local fresh = {}
for at = 2, #ARGV, 6 do
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
  local all, groups = redis.call('HGETALL', KEYS[1]), {}
  for at = 1, #all, 2 do
    local _, c, _, l = read(all[at + 1])
    groups[#groups + 1] = { all[at], bit.band(c, c - 1) == 0, l }
  end
  table.sort(groups, function (a, b)
    if a[2] ~= b[2] then return a[2] end
    if a[3] ~= b[3] then return a[3] < b[3] end
    return a[1] > b[1]
  end)
  for at = 1, over do redis.call('HDEL', KEYS[1], groups[at][1]) end
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
