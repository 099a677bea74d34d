import { expect, test } from 'vitest'
import { envelope } from '../../test/http/peers.ts'
import { envelopeWith, type Envelope } from './envelope.ts'
import { Session } from './session.ts'

test('an envelope with another signal or session still works out what it is asked for, once and only then', () => {
  let made = 0
  class Lazy {
    #key: string | undefined
    get key(): string {
      return (this.#key ??= `key ${++made}`)
    }
  }
  const { key: _key, ...rest } = envelope()
  const lazy: Envelope = Object.assign(new Lazy(), rest)
  const [session, { signal }] = [new Session(), new AbortController()]
  const changed = envelopeWith(envelopeWith(lazy, { signal }), { session })
  expect(made).toBe(0)
  expect([changed.key, changed.key, lazy.key]).toEqual(['key 1', 'key 1', 'key 1'])
  expect([changed.session, changed.signal, changed.correlation]).toEqual([session, signal, lazy.correlation])
})
