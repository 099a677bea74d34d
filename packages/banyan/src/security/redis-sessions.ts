import { hash as digest } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import { Script } from '../store/redis-script.ts'
import type { RedisConnection } from '../store/redis.ts'
import type { Owner, SessionStore, StoredSession } from './session-store.ts'

/** id, person, about, began, ends, expires; times in milliseconds. */
type Row = readonly [id: string, person: string, about: string, began: string, ends: string, expires: string]

/** Sessions of somebody's that are looked at whenever they begin one, and forgotten where they are over: more than one makes. */
const SWEPT = 20

/**
 * A session is a hash whose time to live is the session's own, and each owner has a hash of their sessions by id. A session is good only while
 * its owner's hash names it, so that ending all of somebody's ends also what else knows of; where one of the two is lost, so is the session.
 */
const session = /* lua */ `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function text(number) return string.format('%.0f', number) end
local function read(key)
  local kept = redis.call('HMGET', key, 'id', 'person', 'about', 'began', 'ends', 'owner')
  if not kept[1] then return nil end
  return kept, now + redis.call('PTTL', key)
end
local function row(kept, expires) return {kept[1], kept[2], kept[3], kept[4], kept[5], text(expires)} end
`

/** Keys: session, owner. Arguments: id, person, about; milliseconds idle and lasting; sessions looked at. */
const begin = new Script(
  2,
  /* lua */ `${session}
local idle, lasting = tonumber(ARGV[4]), tonumber(ARGV[5])
local some = redis.call('HRANDFIELD', KEYS[2], ARGV[6], 'WITHVALUES')
for place = 1, #some, 2 do
  if redis.call('EXISTS', some[place + 1]) == 0 then redis.call('HDEL', KEYS[2], some[place]) end
end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'person', ARGV[2], 'about', ARGV[3], 'began', text(now), 'ends', text(now + lasting), 'owner', KEYS[2])
redis.call('PEXPIRE', KEYS[1], text(math.min(idle, lasting)))
redis.call('HSET', KEYS[2], ARGV[1], KEYS[1])
if redis.call('PTTL', KEYS[2]) < lasting then redis.call('PEXPIRE', KEYS[2], text(lasting)) end
`,
)

/** Keys: session. Arguments: milliseconds idle. That it lasts longer can be written also where Redis has no memory left. */
const find = new Script(
  1,
  /* lua */ `${session}
local kept, expires = read(KEYS[1])
if not kept then return false end
if redis.call('HGET', kept[6], kept[1]) ~= KEYS[1] then
  redis.call('DEL', KEYS[1])
  return false
end
local idle = tonumber(ARGV[1])
local longest = math.min(tonumber(kept[5]), now + idle)
if longest - expires > idle / 20 then
  redis.call('PEXPIREAT', KEYS[1], text(longest))
  expires = longest
end
return row(kept, expires)
`,
)

/** Keys: session. */
const end = new Script(
  1,
  /* lua */ `${session}
local kept = read(KEYS[1])
if not kept then return end
redis.call('HDEL', kept[6], kept[1])
redis.call('DEL', KEYS[1])
`,
)

/** Keys: owner. Arguments: id. Answers how many ended. */
const endOf = new Script(
  1,
  /* lua */ `
local key = redis.call('HGET', KEYS[1], ARGV[1])
if not key then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
return redis.call('DEL', key)
`,
)

/** Keys: owner. */
const endAllOf = new Script(
  1,
  /* lua */ `
for _, key in ipairs(redis.call('HVALS', KEYS[1])) do redis.call('DEL', key) end
redis.call('DEL', KEYS[1])
`,
)

/** Keys: owner. */
const list = new Script(
  1,
  /* lua */ `${session}
local all = redis.call('HGETALL', KEYS[1])
local rows = {}
for place = 1, #all, 2 do
  local kept, expires = read(all[place + 1])
  if kept then rows[#rows + 1] = row(kept, expires) else redis.call('HDEL', KEYS[1], all[place]) end
end
return rows
`,
)

/**
 * Sessions in Redis 6.2 or later. They last as long as what it keeps: where it forgets them, people log in again. Throws `unavailable` while it is
 * away.
 */
export function redisSessions(redis: Pick<RedisConnection, 'prefix' | 'run'>): SessionStore {
  const sessionKey = (hash: Buffer) => `${redis.prefix}session:${hash.toString('base64url')}`
  // of one length whatever names are, and apart from sessions
  const ownerKey = ({ subject, tenant }: Owner) => `${redis.prefix}session:of:${digest('sha256', JSON.stringify([tenant, subject]), 'base64url')}`
  const run = (script: Script, ...given: readonly (string | number)[]) => redis.run((client) => script.run(client, given))
  // where a session has begun nevertheless, nobody has its secret
  const ask = (script: Script, ...given: readonly (string | number)[]) => run(script, ...given).catch(notExecuted)

  return {
    async begin(hash, { id, person, about }, { idleMs, lastingMs }) {
      const said = [id, JSON.stringify(person), JSON.stringify(about), Math.ceil(idleMs), Math.ceil(lastingMs), SWEPT]
      await ask(begin, sessionKey(hash), ownerKey(person), ...said)
    },
    async find(hash, { idleMs }) {
      const row = (await ask(find, sessionKey(hash), Math.ceil(idleMs))) as Row | null
      return row ? sessionOf(row) : undefined
    },
    async end(hash) {
      await run(end, sessionKey(hash))
    },
    async endOf(owner, id) {
      return (await run(endOf, ownerKey(owner), id)) === 1
    },
    async endAllOf(owner) {
      await run(endAllOf, ownerKey(owner))
    },
    async list(owner) {
      const rows = (await ask(list, ownerKey(owner))) as readonly Row[]
      return rows.map(sessionOf).sort((one, other) => other.began.getTime() - one.began.getTime() || (one.id < other.id ? -1 : 1))
    },
    // the connection belongs to whoever gave it
    async [Symbol.asyncDispose]() {},
  }
}

function sessionOf([id, person, about, began, ends, expires]: Row): StoredSession {
  const at = (text: string) => new Date(Number(text))
  return {
    id,
    person: JSON.parse(person) as StoredSession['person'],
    about: JSON.parse(about) as StoredSession['about'],
    began: at(began),
    expires: at(expires),
    ends: at(ends),
  }
}

/** What came of the look-up is of no consequence: what the request asks for has not begun. */
function notExecuted(error: unknown): never {
  if (!BanyanError.is(error, 'unavailable')) throw error
  throw new BanyanError('unavailable', `sessions cannot be looked up: ${error.message}`, { executed: 'no', cause: error })
}
