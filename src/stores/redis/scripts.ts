/**
 * What runs inside Redis. Every script touches the keys of one session, one account or one counter, which share a hash
 * slot: the same scripts hold on one server and on a cluster. Times come from the caller, as for every other store; the
 * server's clock only forgets what is over (PEXPIRE), so that nothing has to be swept.
 *
 * A session is a hash: `j` what never changes (JSON), `t` the tag of its account, `u` last use, `x` absolute end, `l`
 * idle life, `v` version, `d` data, `k` the device that it is bound to, `q` tokens issued so far, and `w` while it waits to be let in.
 */
import { hash } from 'node:crypto';
import { CLOCKS_APART_MS, LONGEST_DEBT_WINDOWS } from '../../core/gcra.ts';

/**
 * How much longer than it lives a session is kept, in milliseconds. Whether it is over is said by the caller's clock, and
 * Redis must not forget it in the last moment of its life.
 */
export const GRACE_MS = 1000;

/** A script and the name Redis knows it by. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

/** A script of a text. */
export function script(source: string): Script {
  return { source, sha1: hash('sha1', source) };
}

/** Reads the hash of a session into `f`, and ends the script where it is unknown, not let in yet or over. */
function readLive(whenGone: string): string {
  return `
local f = redis.call('HMGET', KEYS[1], 'j', 'u', 'x', 'l', 'v', 'd', 'w', 't', 'k')
if not f[1] or f[7] then return ${whenGone} end
local now, seen, ends, idle = tonumber(ARGV[1]), tonumber(f[2]), tonumber(f[3]), tonumber(f[4])
if ends <= now or seen + idle <= now then return ${whenGone} end`;
}

/**
 * The session, if it is live; 1 if its id was replaced moments ago. A Redis that is full does not note the use, which ends nobody's session sooner than it would
 * have ended. Notes the use where the last one noted is `ARGV[2]` milliseconds old; -1: never.
 * KEYS: session, replaced. ARGV: now, note every.
 */
export const USE: Script = script(`${readLive("redis.call('EXISTS', KEYS[2]) == 1 and 1 or nil")}
local every = tonumber(ARGV[2])
if every >= 0 and now > seen and now - seen >= every then
  local noted = redis.pcall('HSET', KEYS[1], 'u', ARGV[1])
  if type(noted) ~= 'table' then
    redis.call('PEXPIRE', KEYS[1], math.min(ends - now, idle) + ${GRACE_MS})
    f[2] = ARGV[1]
  elseif not string.find(noted.err, 'OOM', 1, true) then
    return noted
  end
end
return {f[1], f[2], f[5], f[6], f[9]}`);

/**
 * Stores a new session. 0: the id is taken.
 * KEYS: session. ARGV: milliseconds to live, then fields and values.
 */
export const CREATE: Script = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`);

/**
 * Lets a waiting session in. 0: it was ended meanwhile.
 * KEYS: session. ARGV: milliseconds to live.
 */
export const ADMIT: Script = script(`
if redis.call('HDEL', KEYS[1], 'w') == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`);

/**
 * Changes data over the version that was read, and binds to a device where one is named.
 * KEYS: session. ARGV: now, version, data, device or nothing.
 */
export const UPDATE: Script = script(`${readLive('0')}
if f[5] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'd', ARGV[3], 'v', tonumber(f[5]) + 1)
if ARGV[4] then redis.call('HSET', KEYS[1], 'k', ARGV[4]) end
return 1`);

/**
 * Ends a session that is live, since another takes its place, and says which account it was of. A Redis that is full does
 * not keep in mind that it was replaced.
 * KEYS: session, tokens, replaced. ARGV: now, for how many milliseconds it is known as replaced.
 */
export const END: Script = script(`${readLive('nil')}
redis.call('DEL', KEYS[1], KEYS[2])
redis.pcall('SET', KEYS[3], '1', 'PX', ARGV[2])
return f[8]`);

/**
 * Ends a session in whatever state it is. Nil: there is none, or it is of another account than the one asked for.
 * KEYS: session, tokens. ARGV: tag of the account, or nothing.
 */
export const REVOKE: Script = script(`
local tag = redis.call('HGET', KEYS[1], 't')
if not tag or (ARGV[1] and ARGV[1] ~= tag) then return nil end
redis.call('DEL', KEYS[1], KEYS[2])
return tag`);

/**
 * Notes a session of an account, and forgets those past their absolute end.
 * KEYS: account. ARGV: now, absolute end, id hash.
 */
export const INDEX: Script = script(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
local ttl = tonumber(ARGV[2]) - tonumber(ARGV[1])
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
return 1`);

/**
 * As {@link INDEX}, where fewer than so many are noted, the one excepted not counted. Otherwise notes nothing, and says who is.
 * KEYS: account. ARGV: now, absolute end, id hash, most, the one excepted or nothing.
 */
export const TAKE_PLACE: Script = script(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local count = redis.call('ZCARD', KEYS[1])
if ARGV[5] ~= '' and redis.call('ZSCORE', KEYS[1], ARGV[5]) then count = count - 1 end
if count >= tonumber(ARGV[4]) then return redis.call('ZRANGE', KEYS[1], 0, -1) end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
local ttl = tonumber(ARGV[2]) - tonumber(ARGV[1])
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
return 1`);

/**
 * What never changes of a session that is live or waits to be let in. Nil: there is none.
 * KEYS: session. ARGV: now.
 */
export const LOOK: Script = script(`
local f = redis.call('HMGET', KEYS[1], 'j', 'u', 'x', 'l', 'v', 'd')
if not f[1] then return nil end
local now, seen, ends, idle = tonumber(ARGV[1]), tonumber(f[2]), tonumber(f[3]), tonumber(f[4])
if ends <= now or seen + idle <= now then return nil end
return {f[1], f[2], f[5], f[6], false}`);

/**
 * Keeps a one-time token, and the newest so many of one session.
 * KEYS: session, tokens. ARGV: now, token hash, its end, how many are kept.
 */
export const PUT_TOKEN: Script = script(`${readLive('0')}
local number = redis.call('HINCRBY', KEYS[1], 'q', 1)
redis.call('HSET', KEYS[2], ARGV[2], string.format('%d:%s', number, ARGV[3]))
redis.call('PEXPIRE', KEYS[2], ends - now)
if redis.call('HLEN', KEYS[2]) > tonumber(ARGV[4]) then
  local all, oldest, lowest = redis.call('HGETALL', KEYS[2]), nil, math.huge
  for i = 1, #all, 2 do
    local issued = tonumber(string.match(all[i + 1], '^%d+'))
    if issued < lowest then oldest, lowest = all[i], issued end
  end
  redis.call('HDEL', KEYS[2], oldest)
end
return 1`);

/**
 * Uses a one-time token up.
 * KEYS: session, tokens. ARGV: now, token hash.
 */
export const TAKE_TOKEN: Script = script(`${readLive('0')}
local token = redis.call('HGET', KEYS[2], ARGV[2])
if not token or tonumber(string.match(token, ':(.+)$')) <= now then return 0 end
return redis.call('HDEL', KEYS[2], ARGV[2])`);

/**
 * The step of core/gcra.ts. Returns the arrival time that was stored before: the caller has the rest from it.
 * `%.17g` keeps every bit of it; Lua's own way of writing a number drops some.
 * KEYS: counter. ARGV: now, interval, window.
 */
export const TAKE: Script = script(`
local was = redis.call('GET', KEYS[1]) or '0'
local now, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local window = tonumber(ARGV[3])
local start = math.max(tonumber(was), now)
if start > now + ${LONGEST_DEBT_WINDOWS} * window + ${CLOCKS_APART_MS} then
  redis.call('SET', KEYS[1], string.format('%.17g', now + window), 'PX', math.ceil(window))
  return was
end
if start - now - (window - interval) > 1e-6 then return was end
local next = start + interval
redis.call('SET', KEYS[1], string.format('%.17g', next), 'PX', math.ceil(next - now))
return was`);

/**
 * The debit of core/gcra.ts: what was let through elsewhere is owed, whatever the limit. Returns the arrival time from
 * before.
 * KEYS: counter. ARGV: now, what is owed in milliseconds, the latest arrival time.
 */
export const DEBIT: Script = script(`
local was = redis.call('GET', KEYS[1]) or '0'
local now = tonumber(ARGV[1])
local next = math.min(math.max(tonumber(was), now) + tonumber(ARGV[2]), tonumber(ARGV[3]))
redis.call('SET', KEYS[1], string.format('%.17g', next), 'PX', math.ceil(next - now))
return was`);
