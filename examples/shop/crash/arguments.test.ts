import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'

test('what is not said is left open', () => {
  expect(readArguments([])).toEqual({})
  expect(readArguments(['--seconds', '20', '--seed', '4711', '--topology', 'split'])).toEqual({ seconds: 20, seed: 4711, topology: 'split' })
})

test('what cannot be is refused', () => {
  expect(() => readArguments(['--seconds', 'soon'])).toThrow("--seconds is 'soon'; it needs a whole number above 0")
  expect(() => readArguments(['--topology', 'three'])).toThrow('the shop has one and split')
})
