import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('units come one after the other, in the order they asked', async () => {
  const turns = new Turns()
  const [a, b, c] = [{}, {}, {}]
  const order: string[] = []
  expect(turns.take('s', a)).toBeUndefined()
  const second = turns.take('s', b)!.then(() => order.push('b'))
  const third = turns.take('s', c)!.then(() => order.push('c'))
  turns.end(['s'], a)
  await second
  expect(order).toEqual(['b'])
  turns.end(['s'], b)
  await third
  expect(order).toEqual(['b', 'c'])
  turns.end(['s'], c)
  expect(turns.take('s', a)).toBeUndefined()
})

test('units that would wait for each other do not wait', () => {
  const turns = new Turns()
  const [a, b, c] = [{}, {}, {}]
  expect([turns.take('x', a), turns.take('y', b), turns.take('z', c)]).toEqual([undefined, undefined, undefined])
  expect(turns.take('y', a)).toBeInstanceOf(Promise)
  expect(turns.take('z', b)).toBeInstanceOf(Promise)
  expect(turns.take('x', c)).toBeUndefined()
})

test('ending turns that one does not have changes nothing', () => {
  const turns = new Turns()
  const [a, b] = [{}, {}]
  expect(turns.take('s', a)).toBeUndefined()
  turns.end(['s', 'other'], b)
  expect(turns.take('s', b)).toBeInstanceOf(Promise)
})
