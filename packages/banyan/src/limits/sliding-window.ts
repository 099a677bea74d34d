import type { Algorithm, Finding, State } from './algorithm.ts'
import { ticksOf, type Rate } from './rate.ts'

/**
 * Sliding window counter: what was spent in this window and the one before, of which the part counts that the sliding window still covers,
 * as if it had been spent evenly. Near the limit that is an estimate: it may admit a little more or less than a log of all requests would.
 * The state is [window, spent before, spent now].
 */
export function slidingWindow(rate: Rate): Algorithm {
  const { count: limit, periodMs } = rate
  const { tickUs } = ticksOf({ count: 1, periodMs }, limit)
  const period = (periodMs * 1_000) / tickUs

  function find(state: State | undefined, time: number, cost: number): Finding {
    const now = Math.max(time, state ? state[0]! * period : 0)
    const window = Math.floor(now / period)
    const [seen, former, latest] = state ?? NOTHING
    const before = seen === window ? former! : seen === window - 1 ? latest! : 0
    let spent = seen === window ? latest! : 0
    const left = period - (now - window * period)
    const room = limit * period - before * left
    const admitted = cost <= limit && (spent + cost) * period <= room
    if (admitted) spent = Math.max(0, spent + cost)
    return {
      admitted,
      remaining: Math.max(0, Math.floor((room - spent * period) / period)),
      reset: spent > 0 ? left + period : before > 0 ? left : 0,
      retry: admitted ? 0 : cost > limit ? Infinity : wait(before, spent, left, limit - cost),
      state: admitted ? [window, before, spent] : state,
    }
  }

  /** Ticks until no more than `allowed` count as spent. */
  function wait(before: number, spent: number, left: number, allowed: number): number {
    if (spent <= allowed) return left - Math.floor(((allowed - spent) * period) / before)
    return left + Math.max(0, period - Math.floor((allowed * period) / spent))
  }
  return {
    signature: `window ${limit}/${periodMs}`,
    limit,
    windowMs: periodMs,
    tickUs,
    find,
    lua: LUA,
    numbers: [period],
  }
}

const NOTHING: State = [-2, 0, 0]

const LUA = `
local period = arg(1)
local seen, former, latest = -2, 0, 0
if s then
  local a, b, c = string.match(s, '^(%d+) (%d+) (%d+)$')
  seen, former, latest = tonumber(a), tonumber(b), tonumber(c)
  now = math.max(now, seen * period)
end
local window = math.floor(now / period)
local before, spent = 0, 0
if seen == window then
  before, spent = former, latest
elseif seen == window - 1 then
  before = latest
end
local left = period - (now - window * period)
local room = cap * period - before * left
local admitted = cost <= cap and (spent + cost) * period <= room
local state
if admitted then
  spent = math.max(0, spent + cost)
  state = text(window) .. ' ' .. text(before) .. ' ' .. text(spent)
end
local retry = 0
if not admitted then
  local allowed = cap - cost
  if cost > cap then
    retry = -1
  elseif spent <= allowed then
    retry = left - math.floor((allowed - spent) * period / before)
  else
    retry = left + math.max(0, period - math.floor(allowed * period / spent))
  end
end
local reset = 0
if spent > 0 then reset = left + period elseif before > 0 then reset = left end
return answer(admitted, math.max(0, math.floor((room - spent * period) / period)), reset, retry, state)
`
