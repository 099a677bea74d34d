import type { Algorithm, Finding, State } from './algorithm.ts'
import { ticksOf, type Rate } from './rate.ts'

/**
 * Generic cell rate algorithm (ITU-T I.371): remembers one time, the theoretical arrival time of the next request if all came evenly spaced;
 * a request may be `burst` spacings early. The spacing is rounded up to a whole microsecond, so the rate is never above what was said.
 * The state is [theoretical arrival time].
 */
export function gcra(rate: Rate, burst: number): Algorithm {
  const { tickUs, gain, every } = ticksOf(rate, burst)
  const spacing = Math.ceil(every / gain)
  const tolerance = burst * spacing

  function find(state: State | undefined, now: number, cost: number): Finding {
    const before = Math.max(state?.[0] ?? 0, now)
    const after = before + cost * spacing
    const admitted = cost <= burst && after - tolerance <= now
    const arrival = Math.max(admitted ? after : before, now)
    return {
      admitted,
      remaining: Math.max(0, Math.floor((now + tolerance - arrival) / spacing)),
      reset: arrival - now,
      retry: admitted ? 0 : cost > burst ? Infinity : after - tolerance - now,
      state: admitted ? [arrival] : state,
    }
  }
  return {
    signature: `gcra ${rate.count}/${rate.periodMs} ${burst}`,
    limit: burst,
    windowMs: Math.ceil((tolerance * tickUs) / 1_000),
    tickUs,
    find,
    lua: LUA,
    numbers: [spacing],
  }
}

const LUA = `
local spacing = arg(1)
local tolerance = cap * spacing
local before = math.max(s and tonumber(s) or 0, now)
local after = before + cost * spacing
local admitted = cost <= cap and after - tolerance <= now
local arrival = math.max(admitted and after or before, now)
local retry = 0
if not admitted then
  if cost > cap then retry = -1 else retry = after - tolerance - now end
end
return answer(admitted, math.max(0, math.floor((now + tolerance - arrival) / spacing)), arrival - now, retry, admitted and text(arrival) or nil)
`
