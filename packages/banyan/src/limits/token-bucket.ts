import type { Algorithm, Finding, State } from './algorithm.ts'
import { ticksOf, type Rate } from './rate.ts'

/**
 * Token bucket: `burst` tokens at most, refilled steadily at `rate`; a request takes as many as it costs, or none when they are not there.
 * In any time t at most burst + rate·t are spent. The state is [level, since]; the level is counted in parts of a token, so many that
 * every tick adds a whole number of them.
 */
export function tokenBucket(rate: Rate, burst: number): Algorithm {
  const { tickUs, gain, every } = ticksOf(rate, burst)
  const full = burst * every
  const toFill = Math.ceil(full / gain)

  function find(state: State | undefined, time: number, cost: number): Finding {
    let [level, now] = [full, time]
    if (state) {
      now = Math.max(time, state[1]!)
      level = Math.min(full, state[0]! + Math.min(now - state[1]!, toFill) * gain)
    }
    const spent = cost * every
    const admitted = cost <= burst && spent <= level
    if (admitted) level = Math.min(full, level - spent)
    return {
      admitted,
      remaining: Math.floor(level / every),
      reset: Math.ceil((full - level) / gain),
      retry: admitted ? 0 : cost > burst ? Infinity : Math.ceil((spent - level) / gain),
      state: admitted ? [level, now] : state,
    }
  }
  return {
    signature: `bucket ${rate.count}/${rate.periodMs} ${burst}`,
    limit: burst,
    windowMs: Math.ceil((toFill * tickUs) / 1_000),
    tickUs,
    find,
    lua: LUA,
    numbers: [gain, every, toFill],
  }
}

const LUA = `
local gain, every, toFill = arg(1), arg(2), arg(3)
local full = cap * every
local level = full
if s then
  local before, since = string.match(s, '^(%d+) (%d+)$')
  now = math.max(now, tonumber(since))
  level = math.min(full, tonumber(before) + math.min(now - tonumber(since), toFill) * gain)
end
local spent = cost * every
local admitted = cost <= cap and spent <= level
local state
if admitted then
  level = math.min(full, level - spent)
  state = text(level) .. ' ' .. text(now)
end
local retry = 0
if not admitted then
  if cost > cap then retry = -1 else retry = math.ceil((spent - level) / gain) end
end
return answer(admitted, math.floor(level / every), math.ceil((full - level) / gain), retry, state)
`
