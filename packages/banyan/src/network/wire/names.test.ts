import { expect, test } from 'vitest'
import { NAMES, NameReader, NameWriter } from './names.ts'

test('a text is told once, and its number given again when there are too many', () => {
  const reader = new NameReader()
  let told = 0
  const writer = new NameWriter('s', (number, text) => {
    told++
    reader.define(number, text)
  })
  for (let n = 0; n < NAMES + 10; n++) expect(reader.text('s', writer.number(`token ${n}`))).toBe(`token ${n}`)
  expect(writer.number(`token ${NAMES}`)).toBe(0)
  expect(told).toBe(NAMES + 10)
  expect(reader.text('s', writer.number('token 0'))).toBe('token 0')
  expect(told).toBe(NAMES + 11)
})

test('numbers that were not given are faults', () => {
  const reader = new NameReader()
  expect(() => reader.text('t', 0)).toThrow('the number 0 stands for nothing')
  expect(() => reader.define(NAMES, 'torders.place')).toThrow(`of kind 't' with the number ${NAMES}`)
  expect(() => reader.define(1, '')).toThrow("of kind 'undefined'")
})
