import { Gate, type Pass } from '../../limits/gate.ts'
import { guardsOf } from '../../limits/guard.ts'
import { memoryStore, type LimitStore } from '../../limits/stores.ts'
import type { LimitAlgorithm, RateText } from '../../model/limit.ts'
import type { EdgeRequest } from '../exchange.ts'
import type { JsonSchema } from '../file/schema-texts.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { problemAnswer } from './problem-answer.ts'

interface LimitSettings {
  readonly rate: RateText
  readonly burst?: number
  readonly per?: 'ip' | 'user' | 'tenant' | 'route'
  readonly algorithm?: LimitAlgorithm
}

const rate = { type: 'string', pattern: '^[1-9]\\d*/[smhd]$', patternErrorMessage: "a rate such as '100/m': a number, and s, m, h or d" } satisfies JsonSchema

/** Bounds how often a route is asked; the form of what is declared on operations. Each process counts for itself. */
export const limitPolicy: PolicyKind<RateText | LimitSettings> = {
  name: 'limit',
  schema: {
    description: 'How often the route may be asked; more is answered 429 with Retry-After. A rate alone is one for each address.',
    type: ['string', 'object'],
    if: { type: 'string' },
    then: rate,
    else: {
      properties: {
        rate: { description: 'So many in a second, minute, hour or day: `10/s`, `100/m`.', ...rate },
        burst: { description: 'What may be asked at once after a pause; as much as the rate says unless said.', type: 'integer', minimum: 1 },
        per: {
          description: 'What has a count of its own: `ip`, unless said; `user`, whoever a policy before this one has found; `tenant`; `route`, all together.',
          enum: ['ip', 'user', 'tenant', 'route'],
        },
        algorithm: { description: 'How it is counted; `token-bucket` unless said.', enum: ['token-bucket', 'gcra', 'sliding-window'] },
      },
      required: ['rate'],
      additionalProperties: false,
    },
  },
  describe: (settings) => ({
    answers: { 429: `Asked more often than ${typeof settings === 'string' ? settings : settings.rate}; Retry-After says when to come back` },
  }),
  open(settings, { limits = memoryStore() }) {
    const { per = 'ip', ...said } = typeof settings === 'string' ? { rate: settings } : settings
    const gateOf = ({ name }: EdgeRequest['route']): Gate =>
      kept(limits, JSON.stringify([name, per, said]), () => {
        const limit = { ...said, per: per === 'route' ? 'operation' : per, name: per } as const
        return new Gate(name, guardsOf(name, { limit }, limits))
      })
    return async (request, next) => {
      const { identity, client, route } = request
      const asked = gateOf(route).pass({ identity, address: client, operation: route.name, input: undefined })
      const pass = asked instanceof Promise ? await asked : asked
      if (pass.refusal) return problemAnswer(pass.refusal, request, { ...fieldsOf(pass), ...retryAfter(pass.refusal.details['retryAfterMs']) })
      const answer = await next(request)
      return { ...answer, headers: { ...answer.headers, ...fieldsOf(pass) } }
    }
  },
}

/** By what they are counted in: a limit that a new configuration says as before goes on counting. */
const gates = new WeakMap<LimitStore, Map<string, Gate>>()

function kept(limits: LimitStore, key: string, make: () => Gate): Gate {
  const known = gates.get(limits) ?? new Map<string, Gate>()
  gates.set(limits, known)
  const gate = known.get(key) ?? make()
  known.set(key, gate)
  return gate
}

function fieldsOf({ policy, state }: Pass): Readonly<Record<string, string>> {
  return policy === '' ? {} : { 'ratelimit-policy': policy, ratelimit: state }
}

function retryAfter(ms: unknown): Readonly<Record<string, string>> {
  return typeof ms === 'number' ? { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) } : {}
}
