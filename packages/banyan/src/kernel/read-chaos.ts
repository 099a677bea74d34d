import { checkChaos, rates, type Chaos } from './chaos.ts'
import { milliseconds, type Duration } from './duration.ts'
import { BanyanError } from './errors.ts'

/** What is injected where only a seed is said. */
const usual: Omit<Chaos, 'seed'> = { latency: { rate: 0.1, ms: 20 }, errors: 0.01, drops: 0.02, duplicates: 0.05, shuffles: 0.2 }

/**
 * Reads chaos from a text such as `seed=7,errors=0.02,latency=0.1:50ms,crashes=0.001`. Without a seed it takes one by chance, without a rate
 * it injects a little of everything but crashes. Throws `invalid_configuration` for a text of another form.
 */
export function readChaos(text: string, life = 1): Chaos {
  const said: Record<string, Chaos[keyof Chaos]> = {}
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^\s*(\w+)=([\w.:]+)\s*$/.exec(part) ?? []
    if (name === 'latency') said[name] = latencyOf(value)
    else if (name === 'seed' || rates.some((rate) => rate === name)) said[name] = Number(value)
    else throw misread(part)
  }
  const { seed = Math.floor(Math.random() * 1e6), ...injected } = said
  return checkChaos({ ...(Object.keys(injected).length === 0 ? usual : injected), seed, life } as Chaos)
}

/** Chaos as `readChaos` reads it, but for the life. */
export function chaosText(chaos: Chaos): string {
  const { seed, latency } = chaos
  const said = rates.flatMap((name) => (chaos[name] === undefined ? [] : [`${name}=${chaos[name]}`]))
  return [`seed=${seed}`, ...(latency ? [`latency=${latency.rate}:${latency.ms}ms`] : []), ...said].join(',')
}

function latencyOf(text: string): NonNullable<Chaos['latency']> {
  const [rate, ms, ...rest] = text.split(':')
  if (ms === undefined || rest.length > 0) throw misread(`latency=${text}`)
  return { rate: Number(rate), ms: milliseconds(ms as Duration) }
}

function misread(part: string): BanyanError {
  return new BanyanError(
    'invalid_configuration',
    `chaos: '${part}' is not understood; write seed=7 alone, or with rates such as ${rates.map((name) => `${name}=0.02`).join(',')},latency=0.1:50ms`,
  )
}
