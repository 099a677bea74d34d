import { expect, test } from 'vitest'
import { envelope } from '../../../test/http/peers.ts'
import { readAnswer, writeAnswer } from './answer-text.ts'

const hit = { way: 'hit', ageMs: 12.4, freshMs: -3.6, kept: { text: '', etag: '' } } as const

test('where a cached answer came from goes with it, beside what was written', () => {
  const asked = envelope()
  expect(readAnswer(writeAnswer('orders:1=7', '{"n":1}', hit), asked)).toEqual({ n: 1 })
  expect(String(asked.session)).toBe('orders:1=7')
  expect(asked.facts).toEqual({ way: 'hit', ageMs: 12, freshMs: -4, kept: { text: '{"n":1}', etag: expect.stringMatching(/^"[^"]+"$/) } })
})

test('of an answer that is not cached nothing is noted', () => {
  const asked = envelope()
  expect(readAnswer(writeAnswer('', '', undefined), asked)).toBeUndefined()
  expect([asked.session.empty, asked.facts]).toEqual([true, undefined])
})

test('what is said in another way than is known here is left out', () => {
  const asked = envelope()
  expect(readAnswer('\tborrowed 1 2 3\n1', asked)).toBe(1)
  expect(asked.facts).toBeUndefined()
})
