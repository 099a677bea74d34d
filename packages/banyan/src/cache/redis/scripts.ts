import { Script } from '../../store/redis-script.ts'

/**
 * `KEYS[1]` is a sorted set: each tag with the number of its last invalidation, and under '' the floor, below which everything counts as
 * invalidated. Numbers begin with the server's time in microseconds and grow by one; so where the set is lost (evicted, restarted without a
 * disk), the new floor is above all that was loaded before.
 */
const numbers = /* lua */ `
local function latest()
  local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
  if last then return tonumber(last) end
  local time = redis.call('TIME')
  local first = tonumber(time[1]) * 1000000 + tonumber(time[2])
  redis.call('ZADD', KEYS[1], string.format('%.0f', first), '')
  return first
end
local function current(at, tags)
  local scores = redis.call('ZMSCORE', KEYS[1], '', unpack(tags))
  if not scores[1] then return false end
  for place = 1, #tags + 1 do
    if scores[place] and tonumber(scores[place]) > at then return false end
  end
  return true
end
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
`

/** Keys: tags, entry, lease. Arguments: the lease, its milliseconds, '1' to lead even where the entry is fresh. */
export const open: Script = new Script(
  3,
  /* lua */ `${numbers}
local number = latest()
local kept = redis.call('HMGET', KEYS[2], 'text', 'at', 'tags', 'born', 'ttl', 'facts')
local age = -1
if kept[1] then
  if current(tonumber(kept[2]), cjson.decode(kept[3])) then
    age = math.max(0, now() - tonumber(kept[4]))
  else
    redis.call('DEL', KEYS[2])
  end
end
local leads = 0
if age < 0 or age >= tonumber(kept[5]) or ARGV[3] == '1' then
  if redis.call('SET', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2]) then leads = 1 end
end
local said = string.format('%.0f', number)
if age < 0 then return {said, leads} end
return {said, leads, age, kept[1], kept[2], kept[3], kept[6]}
`,
)

/** Keys: tags, entry, lease. Arguments: the lease, the number at which the load began, tags, text, facts, ttl, life and age in milliseconds. */
export const fill: Script = new Script(
  3,
  /* lua */ `${numbers}
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('DEL', KEYS[3]) end
if not current(tonumber(ARGV[2]), cjson.decode(ARGV[3])) then return 0 end
local left = tonumber(ARGV[7]) - tonumber(ARGV[8])
if left < 1 then return 1 end
redis.call('HSET', KEYS[2], 'at', ARGV[2], 'tags', ARGV[3], 'text', ARGV[4], 'facts', ARGV[5], 'ttl', ARGV[6],
  'born', string.format('%.0f', now() - tonumber(ARGV[8])))
redis.call('PEXPIRE', KEYS[2], math.ceil(left))
return 1
`,
)

/** Keys: tags. Arguments: the channel to tell, most tags kept, then tags. Answers the number. */
export const invalidate: Script = new Script(
  1,
  /* lua */ `${numbers}
local number = string.format('%.0f', latest() + 1)
for place = 3, #ARGV do redis.call('ZADD', KEYS[1], number, ARGV[place]) end
local most = tonumber(ARGV[2])
if redis.call('ZCARD', KEYS[1]) > most then
  local cut = redis.call('ZRANGE', KEYS[1], math.floor(most / 2), math.floor(most / 2), 'WITHSCORES')[2]
  local floor = redis.call('ZSCORE', KEYS[1], '')
  if not floor or tonumber(floor) < tonumber(cut) then floor = cut end
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', cut)
  redis.call('ZADD', KEYS[1], floor, '')
end
redis.call('PUBLISH', ARGV[1], number)
return number
`,
)

/**
 * Keys: tags. Arguments: the number known last, or ''; most tags to tell. Answers the number now, then tags with theirs. A set that is behind
 * what is known was restored from an older copy: what has happened since is lost, so everything counts as invalidated.
 */
export const listen: Script = new Script(
  1,
  /* lua */ `${numbers}
local number = latest()
if ARGV[1] == '' then return {string.format('%.0f', number)} end
local known = tonumber(ARGV[1])
if number < known then
  local time = redis.call('TIME')
  number = math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]), known + 1)
  redis.call('ZADD', KEYS[1], string.format('%.0f', number), '')
end
local news = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
table.insert(news, 1, string.format('%.0f', number))
return news
`,
)

/** Keys: lease. Arguments: the lease, its milliseconds; 0 ends it. */
export const lease: Script = new Script(
  1,
  /* lua */ `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`,
)
