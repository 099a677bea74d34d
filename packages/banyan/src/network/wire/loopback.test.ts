import { describe, expect, test } from 'vitest'
import { operations, orders, serve, type Invoke } from '../../../test/http/fixture.ts'
import { envelope, operation, tokens, unitAt } from '../../../test/http/peers.ts'
import { opened } from '../../../test/http/stack.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { silentLog } from '../../observe/log.ts'
import { traceIdOf } from '../../observe/trace.ts'
import type { Envelope } from '../envelope.ts'
import { peerVoice } from '../../security/peer-voice.ts'
import { isLost } from '../resilience/lost.ts'
import { Session } from '../session.ts'
import { loopback } from './loopback.ts'

const keep = opened()

/** The same callee, over HTTP and over the wire in this process. */
async function both(invoke: Invoke) {
  const over = keep(unitAt(keep(await serve(invoke, { peer: { verify: tokens.verify } })).url))
  const back = keep(loopback({ operations, invoke, voice: peerVoice(tokens), peer: { verify: tokens.verify }, log: silentLog }))
  return { over, back }
}

/** What arrives, and what comes back of it, as a test can compare it. */
async function seen(unit: Awaited<ReturnType<typeof both>>['over'], arrived: { now?: unknown }, name: string, input: unknown, sent: Envelope) {
  const came = await unit.call(operation(name), input, sent).then(
    (value) => ({ value }),
    (error: Error & Partial<BanyanError>) => ({
      error: { name: error.name, code: error.code, message: error.message, details: error.details, executed: error.executed, lost: isLost(error) },
    }),
  )
  return { arrived: arrived.now, came, session: String(sent.session) }
}

const strange = { n: Number.NaN, at: new Date(0), gone: undefined, list: [undefined, 1], text: 'ä\u2028€', big: 1e21 }
const cases: readonly { readonly what: string; readonly name: string; readonly input: unknown; readonly run: (envelope: Envelope) => unknown }[] = [
  { what: 'an answer', name: 'secretly', input: { n: 7 }, run: () => ({ n: 8 }) },
  { what: 'no input and no output', name: 'ping', input: undefined, run: () => undefined },
  { what: 'an answer that JSON changes', name: 'poke', input: strange, run: () => strange },
  { what: 'a declared error', name: 'place', input: { lines: [] }, run: () => Promise.reject(orders.place.errors.UnknownProduct({ sku: 'HAT-404' })) },
  { what: 'an error of the framework', name: 'secretly', input: { n: 1 }, run: () => Promise.reject(new BanyanError('key_reused', 'used before')) },
  {
    what: 'an error with details that says maybe',
    name: 'secretly',
    input: { n: 1 },
    run: () => Promise.reject(new BanyanError('invalid_input', 'wrong', { details: { issues: [{ path: '/n', message: 'odd' }], more: 1 }, executed: 'maybe' })),
  },
  { what: 'something further on that is away', name: 'secretly', input: { n: 1 }, run: () => Promise.reject(new BanyanError('unavailable', 'its database')) },
  { what: 'a fault', name: 'secretly', input: { n: 1 }, run: () => Promise.reject(new TypeError('a secret of the callee')) },
  {
    what: 'what was written',
    name: 'secretly',
    input: { n: 1 },
    run: ({ session }) => (session.note('orders', [{ partition: 3, position: 9 }]), { n: 1 }),
  },
]

describe('over HTTP and over the wire the same arrives and comes back', () => {
  test.each(cases)('$what', async ({ name, input, run }) => {
    const arrived: { now?: unknown } = {}
    const { over, back } = await both((_operation, received, got) => {
      const { identity, caller, key, saidKey, correlation, causation, causedBy, traceparent, session } = got
      const trace = traceIdOf(traceparent)
      arrived.now = { received, identity, caller, key: name === 'ping' || key, saidKey, correlation, causation, causedBy, trace, session: String(session) }
      return (async () => run(got))()
    })
    const sent = envelope({ saidKey: 'order-17' })
    const written = () => ({ ...sent, session: Session.read('payments:1=2') })
    expect(await seen(back, arrived, name, input, written())).toEqual(await seen(over, arrived, name, input, written()))
  })
})
