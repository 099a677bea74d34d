import { expect, test } from 'vitest'
import { random } from './random.ts'

const draw = (from: ReturnType<typeof random>) => Array.from({ length: 5 }, () => from.next())

test('the same seed gives the same numbers', () => {
  expect(draw(random(7))).toEqual(draw(random(7)))
  expect(draw(random(7))).not.toEqual(draw(random(8)))
})

test('what one draws does not change what another gets', () => {
  const [quiet, busy] = [random(7), random(7)]
  draw(busy)
  expect(draw(busy.for('the killer'))).toEqual(draw(quiet.for('the killer')))
  expect(draw(quiet.for('the killer'))).not.toEqual(draw(quiet.for('ada')))
})

test('numbers stay within their bounds', () => {
  const chance = random(3)
  for (let i = 0; i < 1_000; i++) {
    const number = chance.between(5, 6)
    expect(number >= 5 && number < 6).toBe(true)
    expect(['a', 'b']).toContain(chance.pick(['a', 'b']))
  }
})
